-- Whatever was closed and adjusted: all lines of an origin period together are what the facts say now, rounded once.
{{ config(tags=['run'], group='billing') }}

{%- set key = ['origin_period', 'party_type', 'party_id', 'offer_id', 'goal_id', 'payout_type', 'currency'] %}

with lines as (

    select {{ key | join(', ') }}, sum(conversions) as conversions, sum(amount) as amount
    from {{ ref('fct_invoice_lines') }}
    group by {{ key | join(', ') }}

),

facts as (

    select period as {{ key | join(', ') }}, sum(conversions) as conversions, sum(amount) as amount
    from {{ ref('int_invoice_days') }}
    group by {{ (['period'] + key[1:]) | join(', ') }}

)

select
    coalesce(l.origin_period, f.origin_period) as origin_period, coalesce(l.party_type, f.party_type) as party_type,
    coalesce(l.party_id, f.party_id) as party_id, l.amount as of_lines, f.amount as of_facts
from lines as l
full outer join facts as f on {% for column in key %}f.{{ column }} = l.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
left join {{ ref('currencies') }} as money on money.code = coalesce(l.currency, f.currency)
where coalesce(l.conversions, 0) <> coalesce(f.conversions, 0)
    or coalesce(l.amount, 0) <> round(coalesce(f.amount, 0), coalesce(money.minor_unit, 2)::int)
