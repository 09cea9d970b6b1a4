-- What a person decided about a conversion. Append-only: the newest row of a conversion counts.
CREATE SCHEMA billing;

CREATE TABLE billing.decisions (
    conversion_id VARCHAR(64) NOT NULL,
    decision VARCHAR(16) NOT NULL, -- billable or not_billable
    reason VARCHAR(1000) NOT NULL,
    decided_by VARCHAR(200) NOT NULL,
    decided_at TIMESTAMP NOT NULL
) DISTSTYLE ALL SORTKEY (decided_at);
