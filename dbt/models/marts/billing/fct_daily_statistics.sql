{{ config(sort='report_date') }}

-- Every conversion, every row of TUNE's that no conversion has, and every line of an MMP's report that neither has, stand in the reconciliation once.
with reconciled as (

    select
        r.report_date,
        coalesce(r.source, 'tune') as source,
        coalesce(c.event_kind, 'unknown') as event_kind,
        coalesce(c.event_name, '') as event_name,
        coalesce(r.advertiser_id, '') as advertiser_id,
        coalesce(r.affiliate_id, '') as affiliate_id,
        coalesce(r.offer_id, '') as offer_id,
        coalesce(r.goal_id, '') as goal_id,
        coalesce(r.currency, '') as currency,
        r.class, r.tune_status, r.tune_revenue, r.tune_payout, r.revenue_at_risk, r.payout_at_risk, r.tune_copies,
        r.tune_conversion_id is not null as has_tune_row,
        c.conversion_id, c.postbacks, c.sender_retries, c.business_repeats, c.verdict_updates, c.is_rejected, c.is_suspected,
        c.possible_repeat, c.paused_at_click, c.paused_at_conversion, c.billing_status, c.revenue, c.payout
    from {{ ref('fct_tune_reconciliation') }} as r
    left join {{ ref('fct_conversions') }} as c on c.conversion_id = r.conversion_id and c.report_date = r.report_date
    where r.report_date in {{ days_of_run() }}

)

select
    report_date::date as report_date,
    source::varchar(64) as source,
    event_kind::varchar(16) as event_kind,
    event_name::varchar(256) as event_name,
    advertiser_id::varchar(64) as advertiser_id,
    affiliate_id::varchar(64) as affiliate_id,
    offer_id::varchar(64) as offer_id,
    goal_id::varchar(64) as goal_id,
    currency::varchar(3) as currency,
    count(conversion_id)::int as conversions,
    coalesce(sum(postbacks), 0)::int as postbacks,
    coalesce(sum(sender_retries), 0)::int as sender_retries,
    coalesce(sum(business_repeats), 0)::int as business_repeats,
    coalesce(sum(verdict_updates), 0)::int as verdict_updates,
    {%- for column, condition in {
        'rejected': 'is_rejected', 'suspected': 'is_suspected', 'possible_repeats': 'possible_repeat',
        'paused_at_click': "paused_at_click = 'yes'", 'paused_at_conversion': "paused_at_conversion = 'yes'",
        'billable': "billing_status = 'billable'", 'review': "billing_status = 'review'", 'not_billable': "billing_status = 'not_billable'",
        'tune_rows': 'has_tune_row', 'tune_approved': "tune_status = 'approved'", 'tune_pending': "tune_status = 'pending'",
        'tune_rejected': "tune_status = 'rejected'", 'matched': "class = 'matched'", 'in_flight': "class = 'in_flight'",
        'breakage_forward': "class = 'breakage_forward'", 'breakage_inbound': "class = 'breakage_inbound'",
        'not_in_mmp_report': "class = 'not_in_mmp_report'", 'tune_unknown': "class = 'tune_unknown'", 'unknown_click': "class = 'unknown_click'", 'bypass': "class = 'bypass'",
        'post_approval_fraud': "class = 'post_approval_fraud'"}.items() %}
    sum(case when {{ condition }} then 1 else 0 end)::int as {{ column }},
    {%- endfor %}
    sum(tune_copies)::int as tune_copies,
    {%- for status in ['billable', 'review', 'not_billable'] %}
    sum(case when billing_status = '{{ status }}' then coalesce(revenue, 0) else 0 end)::numeric(18, 6) as {{ status }}_revenue,
    sum(case when billing_status = '{{ status }}' then coalesce(payout, 0) else 0 end)::numeric(18, 6) as {{ status }}_payout,
    {%- endfor %}
    sum(case when tune_status = 'approved' then coalesce(tune_revenue, 0) else 0 end)::numeric(18, 6) as tune_revenue,
    sum(case when tune_status = 'approved' then coalesce(tune_payout, 0) else 0 end)::numeric(18, 6) as tune_payout,
    sum(revenue_at_risk)::numeric(18, 6) as revenue_at_risk,
    sum(payout_at_risk)::numeric(18, 6) as payout_at_risk,
    {{ run_id() }}::varchar(250) as run_id
from reconciled
group by report_date, source, event_kind, event_name, advertiser_id, affiliate_id, offer_id, goal_id, currency
