import type { ContainerEvent } from '../../../api/index.ts';
import { readFilters } from '../../container-flags/read-filters.ts';
import { createEngineCall } from '../../engine-call.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { applyTemplate } from '../../go-template/index.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const events = defineVerb({
  name: 'events',
  summary: 'show what happens to containers',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    filter: { alias: 'f', type: 'string', array: true, describe: 'filter: container, event, image, label, type' },
    format: { type: 'string', describe: 'output format: `json` or a template' },
    since: { type: 'string', describe: 'also earlier events, since a time or duration' },
    until: { type: 'string', describe: 'only events before a time or duration' },
  },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { readEvents } = await import('../../../engine/containers/events.ts');
    const { parseMoment } = await import('../../../engine/containers/filters.ts');
    const moment = (text: string | undefined) => (text === undefined ? undefined : parseMoment(text, terminal.now()));
    const request = { since: moment(flags.since), until: moment(flags.until), filters: readFilters(flags.filter) };
    for await (const event of readEvents(services, request, createEngineCall(terminal))) {
      terminal.stdout.write(`${formatEvent(event, flags.format)}\n`);
    }
    return EXIT_CODE.done;
  },
});

/** `2026-01-02T15:04:05.000000000Z container start 1a2b… (image=app, name=web)`. */
function formatEvent(event: ContainerEvent, format: string | undefined): string {
  if (format === 'json' || format === '{{json .}}') return JSON.stringify(event);
  if (format !== undefined)
    return applyTemplate(format, { ...event, ID: event.id, From: event.from, Status: event.status });
  const { Type, Action, Actor } = event;
  const attributes = Object.entries(Actor.Attributes)
    .sort()
    .map(([name, value]) => `${name}=${value}`);
  const time = new Date(event.timeNano / 1e6).toISOString().replace('Z', '000000Z');
  return `${time} ${Type} ${Action} ${Actor.ID} (${attributes.join(', ')})`;
}
