/** Variables that decide what the sandbox's own processes do, or where; by the reason that is given. */
const RESERVED: readonly { names: RegExp; why: string }[] = [
  { names: /^(PATH|HOME|USER|SHELL|PWD|OLDPWD|TMPDIR|LANG)$/, why: "the sandbox sets it itself" },
  { names: /^(LD|DYLD|MALLOC)_|^(GCONV_PATH|LOCPATH|NLSPATH)$/, why: "it decides what every program loads" },
  {
    names: /^(BASH_ENV|ENV|IFS|PS4|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|CDPATH)$|^BASH_FUNC_/,
    why: "it changes what every shell does",
  },
  {
    names: /^(NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|BUN_.*)$/,
    why: "it changes what every Node program does, the sandbox's own among them",
  },
  {
    names: /^(PYTHONSTARTUP|PYTHONPATH|PYTHONHOME|PYTHONINSPECT|PYTHONWARNINGS)$/,
    why: "it changes what every Python program does",
  },
  { names: /^(PERL5OPT|PERL5LIB|PERL5DB|RUBYOPT|RUBYLIB)$/, why: "it changes what every Perl or Ruby program does" },
  { names: /^(JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS)$/, why: "it changes what every Java program does" },
  { names: /^GIT_/, why: "it changes what git does, which brings your work out of the sandbox" },
  { names: /^SSH_/, why: "the sandbox has no SSH agent" },
  { names: /_PROXY$/i, why: "it is how the network policy reaches programs" },
  { names: /^npm_/i, why: "npm is configured by the sandbox; put a token into .npmrc by way of another name" },
  { names: /^XDG_/, why: "it says where the agent keeps its state" },
  { names: /^(OPENCODE|BACKGROUND_AGENTS)_/, why: "it is the agent's own configuration" },
];

/** NPM_TOKEN and its like are what people have; only npm's configuration and its own variables are taken. */
const FREE = /^NPM_(?!CONFIG_)/;

/** Why no secret can have this name; undefined where it can. */
export function whyReserved(name: string): string | undefined {
  if (FREE.test(name)) return undefined;
  const reserved = RESERVED.find(({ names }) => names.test(name));
  return reserved && `${name} is reserved: ${reserved.why}.`;
}
