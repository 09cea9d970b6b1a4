-- The lines that a load with --max-errors left out: what was in the archive and is not in its table. Append-only; those of the
-- newest load of a partition count. landing.loads counts them.
CREATE TABLE landing.load_errors (
    load_id VARCHAR(36) NOT NULL,
    table_name VARCHAR(64) NOT NULL,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    file_name VARCHAR(1024) NOT NULL,  -- as Redshift shows it: s3://bucket/key, cut at 256 bytes
    line_number BIGINT NOT NULL,
    column_name VARCHAR(127) NOT NULL, -- often empty: a document is one column
    error_code INT NOT NULL,           -- Redshift's load error code
    reason VARCHAR(2048) NOT NULL,
    cut_out VARCHAR(1024) NOT NULL,    -- the line around the error, letters and digits masked; empty where Redshift keeps none
    recorded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

ALTER TABLE landing.loads ADD COLUMN errors BIGINT NOT NULL DEFAULT 0; -- lines in landing.load_errors
