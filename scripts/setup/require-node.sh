# Sourced by dev.sh and test.sh: everything after them is Node.
if ! command -v node >/dev/null; then
  echo "Node.js is not installed: version 20.19 or newer is needed (https://nodejs.org)." >&2
  exit 1
fi
if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
  echo "Node.js $(node --version) is too old: version 20.19 or newer is needed (https://nodejs.org)." >&2
  exit 1
fi
if ! command -v npm >/dev/null; then
  echo "npm is not installed: it comes with Node.js (https://nodejs.org)." >&2
  exit 1
fi
