-- The archived records as they came: one SUPER document a row, loaded and replaced by partition (dt, hr), UTC arrival.
-- The schema is not called raw, because RAW is a reserved word of Redshift.
CREATE SCHEMA landing;

CREATE TABLE landing.postbacks (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

CREATE TABLE landing.forwards (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

CREATE TABLE landing.tune_conversions (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

CREATE TABLE landing.tune_offers (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

CREATE TABLE landing.tune_goals (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

CREATE TABLE landing.tune_fetches (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

-- Locked first by every transaction that writes landing, so that readers of the data tables need not wait.
CREATE TABLE landing.load_lock (id INT NOT NULL);
INSERT INTO landing.load_lock (id) VALUES (1);

-- The ledger. Append-only: the newest row (loaded_at) of a partition counts.
CREATE TABLE landing.loads (
    load_id VARCHAR(36) NOT NULL,
    table_name VARCHAR(64) NOT NULL,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    manifest_digest VARCHAR(64) NOT NULL, -- SHA-256 over key, ETag and size of each file
    manifest_key VARCHAR(1024) NOT NULL,  -- empty where no file was loaded
    files INT NOT NULL,
    bytes BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    rows_before BIGINT NOT NULL,          -- the rows that the load replaced
    copy_query_id BIGINT NOT NULL,        -- 0 where no COPY was needed
    status VARCHAR(16) NOT NULL,          -- loaded, empty, suspect or purged
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE ALL SORTKEY (dt, hr);
