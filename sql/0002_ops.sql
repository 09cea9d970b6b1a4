-- Which loads a finished transformation has taken; written by dbt's run operations. The schema itself is made before the first
-- migration, because the record of migrations lies in it.
CREATE TABLE ops.runs (
    run_id VARCHAR(250) NOT NULL,
    requested_days VARCHAR(4096) NOT NULL,
    status VARCHAR(16) NOT NULL, -- running or finished
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
) DISTSTYLE ALL SORTKEY (started_at);

CREATE TABLE ops.run_loads (
    run_id VARCHAR(250) NOT NULL,
    load_id VARCHAR(36) NOT NULL
) DISTSTYLE ALL SORTKEY (load_id);

-- Locked first by every model that replaces days.
CREATE TABLE ops.days_lock (id INT NOT NULL);
INSERT INTO ops.days_lock (id) VALUES (1);
