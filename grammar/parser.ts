/** The grammar: the parts of each instruction. It does not check meaning, for example the number of paths. */
import { type CstNode, CstParser, type IOrAlt, type IParserErrorMessageProvider, type TokenType } from 'chevrotain';
import type { KeywordToken, Tokens } from './tokens.ts';

export interface ParserOptions {
  readonly messages: IParserErrorMessageProvider;
  /** Let Chevrotain check the grammar itself. This is slower than creating the parser. */
  readonly validate: boolean;
}

export class BuildFileParser extends CstParser {
  readonly #tokens: Tokens;
  #alternatives: IOrAlt<CstNode>[] | undefined;

  constructor(tokens: Tokens, { messages, validate }: ParserOptions) {
    super(Object.values(tokens), {
      recoveryEnabled: true,
      maxLookahead: 1,
      nodeLocationTracking: 'none',
      errorMessageProvider: messages,
      skipValidations: !validate,
    });
    this.#tokens = tokens;
    this.performSelfAnalysis();
  }

  /** Recovery neither inserts nor deletes single tokens. It skips everything up to the next instruction. */
  override canTokenTypeBeInsertedInRecovery(_type: TokenType): boolean {
    return false;
  }
  override canTokenTypeBeDeletedInRecovery(_type: TokenType): boolean {
    return false;
  }

  readonly buildFile = this.RULE('buildFile', () => {
    this.MANY(() => this.SUBRULE(this.instruction));
  });

  readonly instruction = this.RULE('instruction', () => {
    this.OR(this.#kinds);
  });

  readonly from = this.RULE('from', () => {
    this.#start('From');
    this.CONSUME(this.#tokens.Word, { LABEL: 'image' });
    this.OPTION(() => {
      this.CONSUME(this.#tokens.As);
      this.CONSUME1(this.#tokens.Word, { LABEL: 'stage' });
    });
    this.#end();
  });

  readonly arg = this.RULE('arg', () => {
    this.#start('Arg');
    this.AT_LEAST_ONE(() => this.SUBRULE(this.declaration));
    this.#end();
  });
  readonly env = this.RULE('env', () => this.#pairs('Env'));
  readonly label = this.RULE('label', () => this.#pairs('Label'));

  readonly run = this.RULE('run', () => {
    this.#start('Run');
    this.SUBRULE(this.command);
    this.#heredocs();
    this.#end();
  });
  readonly cmd = this.RULE('cmd', () => this.#command('Cmd'));
  readonly entrypoint = this.RULE('entrypoint', () => this.#command('Entrypoint'));
  readonly shell = this.RULE('shell', () => this.#command('Shell'));

  readonly copy = this.RULE('copy', () => this.#files('Copy'));
  readonly add = this.RULE('add', () => this.#files('Add'));

  readonly expose = this.RULE('expose', () => {
    this.#start('Expose');
    this.AT_LEAST_ONE(() => this.CONSUME(this.#tokens.Word));
    this.#end();
  });
  readonly volume = this.RULE('volume', () => {
    this.#start('Volume');
    this.SUBRULE(this.paths);
    this.#end();
  });

  readonly workdir = this.RULE('workdir', () => this.#text('Workdir'));
  readonly user = this.RULE('user', () => this.#text('User'));
  readonly stopsignal = this.RULE('stopsignal', () => this.#text('Stopsignal'));
  readonly maintainer = this.RULE('maintainer', () => this.#text('Maintainer'));

  readonly healthcheck = this.RULE('healthcheck', () => {
    this.#start('Healthcheck');
    this.CONSUME(this.#tokens.HealthType);
    this.SUBRULE(this.command);
    this.#end();
  });

  readonly onbuild = this.RULE('onbuild', () => {
    this.#start('Onbuild');
    this.SUBRULE(this.instruction);
  });

  readonly unknown = this.RULE('unknown', () => {
    this.#start('Unknown');
    this.OPTION(() => this.CONSUME(this.#tokens.Text));
    this.#end();
  });

  readonly flags = this.RULE('flags', () => {
    this.MANY(() => this.CONSUME(this.#tokens.Flag));
    this.OPTION(() => this.CONSUME(this.#tokens.FlagsEnd));
  });

  /** Exec form, shell form, or nothing, which BuildKit accepts. */
  readonly command = this.RULE('command', () => {
    this.OPTION(() => {
      this.OR([{ ALT: () => this.CONSUME(this.#tokens.ExecForm) }, { ALT: () => this.CONSUME(this.#tokens.Text) }]);
    });
  });

  readonly paths = this.RULE('paths', () => {
    this.OR([
      { ALT: () => this.CONSUME(this.#tokens.ExecForm) },
      { ALT: () => this.MANY(() => this.CONSUME(this.#tokens.Word)) },
    ]);
  });

  readonly pair = this.RULE('pair', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(this.#tokens.Key);
          this.CONSUME(this.#tokens.Equals);
        },
      },
      { ALT: () => this.CONSUME(this.#tokens.BareEquals) },
    ]);
    this.OPTION(() => this.CONSUME(this.#tokens.Value));
  });

  readonly declaration = this.RULE('declaration', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(this.#tokens.Key);
          this.OPTION(() => {
            this.CONSUME(this.#tokens.Equals);
            this.OPTION1(() => this.CONSUME(this.#tokens.Value));
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(this.#tokens.BareEquals);
          this.OPTION2(() => this.CONSUME1(this.#tokens.Value));
        },
      },
    ]);
  });

  /** Created once, because every line uses it. */
  get #kinds(): IOrAlt<CstNode>[] {
    this.#alternatives ??= [
      this.from,
      this.arg,
      this.env,
      this.label,
      this.run,
      this.copy,
      this.add,
      this.expose,
      this.volume,
      this.workdir,
      this.user,
      this.cmd,
      this.entrypoint,
      this.shell,
      this.stopsignal,
      this.healthcheck,
      this.onbuild,
      this.maintainer,
      this.unknown,
    ].map((kind) => ({ ALT: () => this.SUBRULE(kind) }));
    return this.#alternatives;
  }

  #start(keyword: KeywordToken | 'Unknown'): void {
    this.CONSUME(this.#tokens[keyword], { LABEL: 'keyword' });
    this.SUBRULE(this.flags);
  }

  #end(): void {
    this.CONSUME(this.#tokens.LineEnd);
  }

  #heredocs(): void {
    this.MANY(() => this.CONSUME(this.#tokens.HeredocBody));
  }

  #text(keyword: KeywordToken): void {
    this.#start(keyword);
    this.CONSUME(this.#tokens.Text);
    this.#end();
  }

  #command(keyword: KeywordToken): void {
    this.#start(keyword);
    this.SUBRULE(this.command);
    this.#end();
  }

  #files(keyword: KeywordToken): void {
    this.#start(keyword);
    this.SUBRULE(this.paths);
    this.#heredocs();
    this.#end();
  }

  #pairs(keyword: KeywordToken): void {
    this.#start(keyword);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(this.#tokens.LegacyKey);
          this.CONSUME(this.#tokens.LegacyValue);
        },
      },
      { ALT: () => this.AT_LEAST_ONE(() => this.SUBRULE(this.pair)) },
    ]);
    this.#end();
  }
}
