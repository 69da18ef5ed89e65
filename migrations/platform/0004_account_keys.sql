-- What lets people in without a password: keys that are sent by mail, and the pictures that tell
-- people from programs before one is sent.

-- id: SHA-256 of the key, so that reading the table lets nobody in.
-- email: the address that the key confirms, for a new one; otherwise empty.
-- state: digest of the account when the key was made; a key of another state is worth nothing.
CREATE TABLE platform.account_key (
    id         text         NOT NULL CONSTRAINT account_key_pkey PRIMARY KEY,
    account_id integer      NOT NULL
                            CONSTRAINT account_key_account_id_fkey
                            REFERENCES platform.account (id) ON DELETE CASCADE,
    purpose    text         NOT NULL
                            CONSTRAINT account_key_purpose_check
                            CHECK (purpose IN ('activation', 'email', 'password')),
    email      varchar(254) NOT NULL DEFAULT '',
    state      text         NOT NULL,
    created_at timestamptz  NOT NULL,
    expires_at timestamptz  NOT NULL
);
CREATE INDEX account_key_account_id_idx ON platform.account_key (account_id, purpose);
CREATE INDEX account_key_expires_at_idx ON platform.account_key (expires_at);

-- A picture and what is to be read in it, until the first answer. Losing them in a crash costs
-- somebody another look.
CREATE UNLOGGED TABLE platform.captcha (
    id         text        NOT NULL CONSTRAINT captcha_pkey PRIMARY KEY,
    answer     text        NOT NULL,
    picture    text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX captcha_expires_at_idx ON platform.captcha (expires_at);

-- Forgotten passwords are looked for by address, whatever its letters look like.
CREATE INDEX account_folded_email_idx ON platform.account (lower(normalize(email, NFKC)));
