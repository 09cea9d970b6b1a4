{{ config(materialized='view', bind=false) }}

{%- set key = ['origin_period', 'report_date', 'party_type', 'party_id', 'offer_id', 'goal_id', 'payout_type', 'currency'] %}

with last_closed as (

    select max(period) as period from {{ ref('stg_billing__closings') }}

),

-- By day and key: what the facts say now of closed periods, and what closings have booked.
now_by_day as (

    select d.period as {{ key | join(', d.') }}, d.conversions, d.amount, d.checksum
    from {{ ref('int_invoice_days') }} as d
    join last_closed on d.period <= last_closed.period

),

booked_by_day as (

    select {{ key | join(', ') }}, sum(conversions) as conversions, sum(amount) as amount, sum(checksum) as checksum
    from {{ ref('stg_billing__closed_items') }}
    group by {{ key | join(', ') }}

),

-- Only where these differ are single conversions looked at.
differing as (

    select
        {%- for column in key %}
        coalesce(n.{{ column }}, b.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from now_by_day as n
    full outer join booked_by_day as b
        on {% for column in key %}b.{{ column }} = n.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    where coalesce(n.conversions, 0) <> coalesce(b.conversions, 0) or coalesce(n.amount, 0) <> coalesce(b.amount, 0)
        or coalesce(n.checksum, 0) <> coalesce(b.checksum, 0)

),

now_items as (

    select i.conversion_id, d.{{ key | join(', d.') }}, i.click_id, i.event_name, i.amount, i.checksum
    from {{ ref('fct_invoice_items') }} as i
    join differing as d
        on i.period = d.origin_period
        {%- for column in key[1:] %} and i.{{ column }} = d.{{ column }}{% endfor %}

),

booked_items as (

    select
        i.conversion_id, d.{{ key | join(', d.') }}, max(i.click_id) as click_id, max(i.event_name) as event_name,
        sum(i.conversions) as conversions, sum(i.amount) as amount, sum(i.checksum) as checksum
    from {{ ref('stg_billing__closed_items') }} as i
    join differing as d
        on {% for column in key %}i.{{ column }} = d.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    group by i.conversion_id, d.{{ key | join(', d.') }}

),

compared as (

    select
        coalesce(n.conversion_id, b.conversion_id) as conversion_id,
        {%- for column in key %}
        coalesce(n.{{ column }}, b.{{ column }}) as {{ column }},
        {%- endfor %}
        coalesce(n.click_id, b.click_id) as click_id,
        coalesce(n.event_name, b.event_name) as event_name,
        n.conversion_id is not null as is_now,
        coalesce(b.conversions, 0) > 0 as is_booked,
        (case when n.conversion_id is null then 0 else 1 end - coalesce(b.conversions, 0))::int as conversions,
        coalesce(n.amount, 0) - coalesce(b.amount, 0) as amount,
        coalesce(n.checksum, 0) - coalesce(b.checksum, 0) as checksum
    from now_items as n
    full outer join booked_items as b
        on b.conversion_id = n.conversion_id
        {%- for column in key %} and b.{{ column }} = n.{{ column }}{% endfor %}

)

select
    c.conversion_id,
    c.{{ key | join(', c.') }},
    c.click_id, c.event_name, c.conversions, c.amount, c.checksum,
    -- Why a closed conversion is no longer billable is its billing reason now; one that is billable elsewhere has moved.
    case
        when c.is_now and c.is_booked then 'price changed'
        when c.is_now then 'added later'
        when f.conversion_id is null then 'no longer known'
        when f.billing_status = 'billable' then 'moved'
        else f.billing_reason
    end::varchar(64) as reason
from compared as c
left join {{ ref('fct_conversions') }} as f on f.conversion_id = c.conversion_id and not c.is_now
where c.conversions <> 0 or c.amount <> 0
