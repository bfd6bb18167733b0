/** Schema changes in order; the position in this list + 1 is the schema version (`PRAGMA user_version`). Append only. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE repositories (
    id TEXT PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    url TEXT,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    repository_name TEXT NOT NULL,
    repository_path TEXT NOT NULL,
    base_branch TEXT NOT NULL,
    base_commit TEXT NOT NULL,
    branch TEXT NOT NULL,
    model TEXT NOT NULL,
    effort TEXT,
    status TEXT NOT NULL,
    status_reason TEXT NOT NULL,
    status_detail TEXT,
    stopping INTEGER NOT NULL DEFAULT 0,
    attention TEXT NOT NULL,
    sandbox_status TEXT NOT NULL,
    sandbox_phase TEXT,
    sandbox_reason TEXT,
    sandbox_log_tail TEXT,
    sandbox_boot TEXT,
    changed_files INTEGER,
    additions INTEGER,
    deletions INTEGER,
    last_checkpoint_id TEXT,
    last_commit TEXT,
    checkpoint_seq INTEGER NOT NULL DEFAULT 0,
    published_commit TEXT,
    publish_conflict TEXT,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    last_seq INTEGER NOT NULL DEFAULT 0,
    seen_seq INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    deleted_at TEXT,
    created_at TEXT NOT NULL,
    last_activity_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sessions_by_activity ON sessions (last_activity_at DESC, id DESC);

  CREATE TABLE prompts (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    text TEXT NOT NULL,
    mode TEXT NOT NULL,
    status TEXT NOT NULL,
    model TEXT NOT NULL,
    effort TEXT,
    turn_id TEXT,
    error_code TEXT,
    error_message TEXT,
    position INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT
  ) STRICT;
  CREATE INDEX prompts_by_session ON prompts (session_id, position);

  CREATE TABLE events (
    session_id TEXT NOT NULL REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED,
    seq INTEGER NOT NULL,
    v INTEGER NOT NULL,
    type TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    turn_id TEXT,
    prompt_id TEXT,
    data TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE checkpoints (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    turn_id TEXT NOT NULL,
    prompt_id TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    files INTEGER NOT NULL,
    additions INTEGER NOT NULL,
    deletions INTEGER NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX checkpoints_by_session ON checkpoints (session_id, id);

  CREATE TABLE reports (
    session_id TEXT NOT NULL,
    boot TEXT NOT NULL,
    report INTEGER NOT NULL,
    PRIMARY KEY (session_id, boot, report)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE boots (
    boot TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE creations (
    id TEXT PRIMARY KEY,
    body_hash TEXT NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE sessions ADD COLUMN asking TEXT NOT NULL DEFAULT '{"questions":[],"permissions":[]}';
  `,
  `
  ALTER TABLE sessions ADD COLUMN purged_at TEXT;
  `,
  `
  ALTER TABLE sessions ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE sessions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN restored TEXT;
  ALTER TABLE repositories ADD COLUMN copy_patterns TEXT NOT NULL DEFAULT '[]';

  CREATE TABLE checkpoints_new (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    origin TEXT NOT NULL DEFAULT 'turn',
    turn_id TEXT,
    prompt_id TEXT,
    parent_id TEXT,
    commit_id TEXT NOT NULL,
    files INTEGER NOT NULL,
    additions INTEGER NOT NULL,
    deletions INTEGER NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;
  INSERT INTO checkpoints_new (id, session_id, turn_id, prompt_id, parent_id, commit_id, files, additions, deletions, created_at)
    SELECT id, session_id, turn_id, prompt_id, lag(id) OVER (PARTITION BY session_id ORDER BY id), commit_id, files, additions,
      deletions, created_at FROM checkpoints;
  DROP TABLE checkpoints;
  ALTER TABLE checkpoints_new RENAME TO checkpoints;
  CREATE INDEX checkpoints_by_session ON checkpoints (session_id, id);

  CREATE TABLE comments (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    text TEXT NOT NULL,
    status TEXT NOT NULL,
    anchor TEXT NOT NULL,
    prompt_id TEXT,
    outcome TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    closed_at TEXT
  ) STRICT;
  CREATE INDEX comments_by_session ON comments (session_id, id);

  CREATE TABLE viewed_files (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    path TEXT NOT NULL,
    blob TEXT,
    PRIMARY KEY (session_id, path)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    summary TEXT NOT NULL,
    result TEXT,
    error TEXT,
    log TEXT NOT NULL DEFAULT '',
    started_at TEXT NOT NULL,
    ended_at TEXT
  ) STRICT;
  CREATE INDEX jobs_by_session ON jobs (session_id, id);
  `,
  `
  CREATE TABLE settings (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE secrets (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    audience TEXT NOT NULL,
    repositories TEXT,
    sealed BLOB NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (scope, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE endpoints (
    id TEXT PRIMARY KEY,
    name TEXT,
    wire TEXT,
    base_url TEXT,
    sealed_key BLOB,
    key_hint TEXT,
    models TEXT NOT NULL DEFAULT '[]',
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE usage (
    day TEXT NOT NULL,
    session_id TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    cost_usd REAL NOT NULL DEFAULT 0,
    work_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, session_id, model)
  ) STRICT, WITHOUT ROWID;
  `,
];
