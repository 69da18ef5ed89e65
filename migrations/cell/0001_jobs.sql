-- Work to be done later. The table exists on every cell, so that a job is enqueued in the
-- same transaction as the change that needs it.

CREATE TABLE platform.job (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT job_pkey PRIMARY KEY,
    -- name of the tenant's schema; empty for work of the installation
    tenant     text        NOT NULL DEFAULT '',
    kind       text        NOT NULL,
    payload    jsonb       NOT NULL DEFAULT '{}',
    dedup_key  text,
    created_at timestamptz NOT NULL DEFAULT now(),
    run_at     timestamptz NOT NULL DEFAULT now(),
    -- a worker has it, until run_at
    is_claimed boolean     NOT NULL DEFAULT false,
    attempts   integer     NOT NULL DEFAULT 0,
    last_error text,
    failed_at  timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.01);
-- by kind, because each worker looks for some kinds only, and mail may wait for long
CREATE INDEX job_ready_idx ON platform.job (kind, run_at, id) WHERE failed_at IS NULL;
CREATE UNIQUE INDEX job_dedup_key ON platform.job (tenant, kind, dedup_key) WHERE failed_at IS NULL;
