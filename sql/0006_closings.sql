-- What was invoiced. All three tables are append-only: facts may change later, a closed line never does. What has changed since is
-- an adjustment, a line of the period that is open then.
CREATE TABLE billing.closings (
    closing_id VARCHAR(36) NOT NULL,
    period VARCHAR(7) NOT NULL,          -- YYYY-MM, months of report dates
    closed_by VARCHAR(200) NOT NULL,
    note VARCHAR(1000) NOT NULL,      -- with the guards that were overridden
    lines BIGINT NOT NULL,
    items BIGINT NOT NULL,
    closed_at TIMESTAMP NOT NULL
) DISTSTYLE ALL SORTKEY (period);

CREATE TABLE billing.closed_lines (
    closing_id VARCHAR(36) NOT NULL,
    line_id VARCHAR(64) NOT NULL,
    period VARCHAR(7) NOT NULL,          -- the period that was closed
    origin_period VARCHAR(7) NOT NULL,   -- the period of the conversions; an adjustment's is an earlier one
    kind VARCHAR(16) NOT NULL,        -- regular or adjustment
    party_type VARCHAR(16) NOT NULL,  -- advertiser or affiliate
    party_id VARCHAR(64) NOT NULL,
    offer_id VARCHAR(64) NOT NULL,
    goal_id VARCHAR(64) NOT NULL,     -- empty: the offer's own price
    payout_type VARCHAR(32) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    conversions BIGINT NOT NULL,
    rate NUMERIC(18, 6),              -- where all conversions have the same
    exact_amount NUMERIC(18, 6) NOT NULL,
    amount NUMERIC(18, 6) NOT NULL,   -- rounded to the currency's minor unit
    checksum BIGINT NOT NULL,         -- of its items
    reason VARCHAR(1000) NOT NULL
) DISTSTYLE ALL SORTKEY (origin_period);

CREATE TABLE billing.closed_items (
    closing_id VARCHAR(36) NOT NULL,
    line_id VARCHAR(64) NOT NULL,
    origin_period VARCHAR(7) NOT NULL,
    report_date DATE NOT NULL,
    conversion_id VARCHAR(64) NOT NULL,
    click_id VARCHAR(256),
    event_name VARCHAR(256),
    party_type VARCHAR(16) NOT NULL,
    party_id VARCHAR(64) NOT NULL,
    offer_id VARCHAR(64) NOT NULL,
    goal_id VARCHAR(64) NOT NULL,
    payout_type VARCHAR(32) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    conversions INT NOT NULL,         -- 1; −1 where the conversion was taken back, 0 where only its price changed
    amount NUMERIC(18, 6) NOT NULL,   -- exact
    checksum BIGINT NOT NULL,         -- of the conversion and party, times conversions
    reason VARCHAR(64) NOT NULL       -- of an adjustment; empty for a regular item
) DISTSTYLE EVEN SORTKEY (report_date);

-- Locked first by every transaction that decides or closes.
CREATE TABLE billing.lock (id INT NOT NULL);
INSERT INTO billing.lock (id) VALUES (1);
