/** Strongly connected components of more than one member (Tarjan's algorithm). */
export function circlesOf(edges: Iterable<readonly [from: string, to: string]>): string[][] {
  const targets = new Map<string, string[]>();
  for (const [from, to] of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];
  /** Returns the earliest member on the path that can be reached, as its place in the order of visits. */
  const visit = (member: string): number => {
    const place = order.size;
    order.set(member, place);
    path.push(member);
    let lowest = place;
    for (const target of targets.get(member) ?? []) {
      if (!order.has(target)) lowest = Math.min(lowest, visit(target));
      else if (path.includes(target)) lowest = Math.min(lowest, order.get(target) ?? place);
    }
    if (lowest === place) circles.push(path.splice(path.indexOf(member)));
    return lowest;
  };
  for (const member of targets.keys()) if (!order.has(member)) visit(member);
  return circles.filter((circle) => circle.length > 1).map((circle) => circle.sort());
}
