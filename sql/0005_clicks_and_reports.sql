-- TUNE's raw click log, and the MMPs' own raw-data reports with the lines that end them.
CREATE TABLE landing.tune_clicks (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

CREATE TABLE landing.mmp_reports (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);

CREATE TABLE landing.mmp_report_files (
    payload SUPER,
    dt DATE NOT NULL,
    hr SMALLINT NOT NULL,
    load_id VARCHAR(36) NOT NULL,
    loaded_at TIMESTAMP NOT NULL
) DISTSTYLE EVEN SORTKEY (dt, hr);
