/** Something that an agent's user expects to just work under the default policy. */
export interface LegitimateWork {
  name: string;
  command: string;
  /** What a preview shows of what the command started. */
  preview?: { port: number; shows: string };
}

/** What one session does in one turn; in an image of its own with these packages of Debian's. */
export interface WorkTurn {
  packages: readonly string[];
  /** Part of the quick subset. */
  quick: boolean;
  works: readonly LegitimateWork[];
}

/** A small one, for the proof that a repository's packages are there. */
const PLAIN = ["tree"];
/** Debian 12 keeps the Rust whose Cargo knows today's registry under this name. */
const TOOLS = ["cargo-web", "golang-go", "maven"];

const REGISTRY = "https://registry.npmjs.org/is-odd";
const SERVER = "require('http').createServer((request, response) => response.end('served')).listen(3000, '127.0.0.1')";
const FETCH = `node -e "fetch('${REGISTRY}').then((answer) => process.exit(answer.ok ? 0 : 1))"`;
/**
 * As test tools start it. What it still asks of its maker by itself, which no list lets through, is kept from the proxy.
 * Its authorities are apart from the system's, so the stand-in's certificate is not checked.
 */
const CHROMIUM =
  "no_proxy=.google.com,.googleapis.com NO_PROXY=.google.com,.googleapis.com " +
  "chromium --headless --no-sandbox --disable-dev-shm-usage --disable-background-networking --disable-component-update " +
  "--disable-default-apps --disable-sync --no-first-run --ignore-certificate-errors";

export const WORK_TURNS: WorkTurn[] = [
  {
    packages: PLAIN,
    quick: true,
    works: [
      { name: "npm ci and npm test, with the real registry", command: "cd npm && npm ci && npm test" },
      {
        name: "Node's own fetch of the real registry, without a word on stderr",
        command: `${FETCH} 2> /tmp/said && ! test -s /tmp/said`,
      },
      { name: "a Debian package of the repository's, from the real archive", command: "tree --version" },
      {
        name: "pip install, from a stand-in for PyPI",
        command: "pip install made-package && python3 -c 'import made_package; print(made_package.word)'",
      },
      {
        name: "git clone over https from a host that the user allowed, a stand-in",
        command: "git clone https://code.example.com/made.git /tmp/made && cat /tmp/made/word.txt",
      },
      {
        name: "a development server, and its preview",
        command: `(setsid node -e "${SERVER}" > /dev/null 2>&1 &) && until curl -s http://localhost:3000; do sleep 0.2; done`,
        preview: { port: 3000, shows: "served" },
      },
    ],
  },
  {
    packages: ["chromium"],
    quick: false,
    works: [
      {
        name: "a page of a listed host, a stand-in, in a real Chromium that does not check its certificate",
        command: `${CHROMIUM} --dump-dom https://pypi.org/simple/made-package/ 2>/dev/null | grep made_package`,
      },
    ],
  },
  ...[
    {
      name: "cargo fetch and cargo run, from a stand-in for crates.io",
      command: "cd rust && cargo fetch && cargo run",
    },
    {
      name: "go mod download and go run, from a stand-in for the module proxy",
      command: "cd go && go mod download && go run .",
    },
    {
      name: "mvn validate with a parent from a stand-in for Maven Central",
      command: "cd java && mvn -B -q validate",
    },
  ].map((work): WorkTurn => ({ packages: TOOLS, quick: false, works: [work] })),
];
