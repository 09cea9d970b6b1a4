{{ config(sort='report_date') }}

with conversions as (

    select conversion_id, report_date, converted_at, goal_id, offer_id, sale_amount, sale_currency
    from {{ ref('int_conversions') }}
    where report_date in {{ days_of_run() }}

),

versions as (

    select * from {{ ref('int_status_intervals') }}

),

goals as (

    select entity_id as goal_id, max(offer_id) as offer_id from versions where entity = 'goal' group by entity_id

),

offers as (

    select entity_id as offer_id, max(currency) as currency from versions where entity = 'offer' group by entity_id

),

-- The version that was in force: the newest change up to then. A goal has its own price, a conversion without goal its offer's.
priced as (

    select
        c.conversion_id, c.report_date, c.sale_amount, c.sale_currency, v.entity, v.payout_type, v.revenue_type, v.payout, v.revenue,
        v.percent_payout, v.percent_revenue, offers.currency,
        row_number() over (partition by c.conversion_id order by v.proven_from desc, v.proven_to desc, v.status) as nth
    from conversions as c
    left join goals on goals.goal_id = c.goal_id
    join versions as v
        on v.entity = case when c.goal_id is null then 'offer' else 'goal' end
        and v.entity_id = coalesce(c.goal_id, c.offer_id)
        and v.proven_from <= c.converted_at
    left join offers on offers.offer_id = coalesce(v.offer_id, goals.offer_id, c.offer_id)

),

-- A share of the sale can be reckoned only in the sale's own currency.
shares as (

    select
        priced.*,
        case when sale_currency = currency or sale_currency is null then sale_amount end as sale
    from priced
    where nth = 1

)

select
    conversion_id,
    report_date,
    entity::varchar(8) as price_source,
    case payout_type
        when 'cpa_flat' then payout
        when 'cpa_percentage' then percent_payout * sale / 100
        when 'cpa_both' then payout + percent_payout * sale / 100
    end::numeric(18, 6) as payout,
    case revenue_type
        when 'cpa_flat' then revenue
        when 'cpa_percentage' then percent_revenue * sale / 100
        when 'cpa_both' then revenue + percent_revenue * sale / 100
    end::numeric(18, 6) as revenue,
    currency::varchar(3) as currency,
    payout_type::varchar(32) as payout_type,
    revenue_type::varchar(32) as revenue_type
from shares
