-- What is done regularly, one row for each task: who may do it now, how it went and when it is due.
CREATE TABLE platform.scheduled_task (
    name         text        NOT NULL CONSTRAINT scheduled_task_pkey PRIMARY KEY,
    -- as the program says; with another rhythm the task is due at another time
    rhythm       text        NOT NULL,
    due_at       timestamptz NOT NULL,
    -- counts the runs; only the newest may say how it ended
    run          bigint      NOT NULL DEFAULT 0,
    -- until then the task belongs to whoever runs it; a program that dies does not prolong it
    leased_until timestamptz,
    started_at   timestamptz,
    finished_at  timestamptz,
    outcome      text        CONSTRAINT scheduled_task_outcome_check
                             CHECK (outcome IN ('done', 'failed', 'interrupted')),
    detail       text        NOT NULL DEFAULT '',
    succeeded_at timestamptz,
    failures     integer     NOT NULL DEFAULT 0
);
