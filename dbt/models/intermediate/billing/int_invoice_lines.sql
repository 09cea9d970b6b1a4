{{ config(materialized='view', bind=false) }}

{%- set key = ['origin_period', 'party_type', 'party_id', 'offer_id', 'goal_id', 'payout_type', 'currency'] %}

with last_closed as (

    select max(period) as period from {{ ref('stg_billing__closings') }}

),

-- What the facts say now.
now_lines as (

    select
        period as {{ key | join(', ') }},
        sum(conversions) as conversions, sum(amount) as exact_amount, sum(checksum) as checksum,
        min(lowest_rate) as lowest_rate, max(highest_rate) as highest_rate
    from {{ ref('int_invoice_days') }}
    group by {{ (['period'] + key[1:]) | join(', ') }}

),

-- All that closings have booked of an origin period, whichever period they closed.
booked_lines as (

    select {{ key | join(', ') }}, sum(conversions) as conversions, sum(exact_amount) as exact_amount, sum(amount) as amount,
        sum(checksum) as checksum
    from {{ ref('stg_billing__closed_lines') }}
    group by {{ key | join(', ') }}

),

reasons as (

    select
        {{ key | join(', ') }},
        listagg(reason || ': ' || conversions::varchar, '; ') within group (order by reason) as reason
    from (
        select {{ key | join(', ') }}, reason, sum(conversions) as conversions
        from {{ ref('int_invoice_differences') }}
        group by {{ key | join(', ') }}, reason
    ) as by_reason
    group by {{ key | join(', ') }}

),

-- An amount is rounded once, as a whole: what is still to book is the rounded whole less what is booked.
to_book as (

    select
        {%- for column in key %}
        coalesce(n.{{ column }}, b.{{ column }}) as {{ column }},
        {%- endfor %}
        coalesce(n.conversions, 0) - coalesce(b.conversions, 0) as conversions,
        case when n.lowest_rate = n.highest_rate then n.lowest_rate end as rate,
        coalesce(n.exact_amount, 0) - coalesce(b.exact_amount, 0) as exact_amount,
        round(coalesce(n.exact_amount, 0), coalesce(money.minor_unit, 2)::int) - coalesce(b.amount, 0) as amount,
        coalesce(n.checksum, 0) - coalesce(b.checksum, 0) as checksum
    from now_lines as n
    full outer join booked_lines as b
        on {% for column in key %}b.{{ column }} = n.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    left join {{ ref('currencies') }} as money on money.code = coalesce(n.currency, b.currency)

),

open_lines as (

    select
        -- What belongs to a closed period is booked in the one that is open.
        case
            when t.origin_period <= last_closed.period
                then to_char(dateadd(month, 1, (last_closed.period || '-01')::date), 'YYYY-MM')
            else t.origin_period
        end as period,
        case when t.origin_period <= last_closed.period then 'adjustment' else 'regular' end as kind,
        t.*
    from to_book as t
    cross join last_closed
    where t.conversions <> 0 or t.exact_amount <> 0 or t.amount <> 0 or t.checksum <> 0

),

lines as (

    select
        md5(period || '|' || {{ key | join(" || '|' || ") }}) as line_id,
        'open' as status, period, {{ key | join(', ') }}, kind, conversions, rate, exact_amount, amount, checksum,
        null::varchar(36) as closing_id,
        null::varchar(1000) as closed_reason
    from open_lines
    union all
    select
        line_id, 'closed', period, {{ key | join(', ') }}, kind, conversions, rate, exact_amount, amount, checksum,
        closing_id, reason
    from {{ ref('stg_billing__closed_lines') }}

)

select
    lines.line_id, lines.status, lines.period, lines.{{ key | join(', lines.') }}, lines.kind,
    lines.conversions, lines.rate, lines.exact_amount, lines.amount, lines.checksum,
    case
        when lines.status = 'closed' then lines.closed_reason
        when lines.kind = 'regular' then ''
        else coalesce(reasons.reason, 'rounding')
    end as reason,
    lines.closing_id
from lines
left join reasons
    on lines.status = 'open' and lines.kind = 'adjustment'
    {%- for column in key %} and reasons.{{ column }} = lines.{{ column }}{% endfor %}
