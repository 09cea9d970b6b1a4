{{ config(sort='report_date') }}

{%- set first_day = first_day_read() %}
{%- set last_day = last_day_read() %}

with tune_rows as (

    select * from {{ ref('int_tune_conversions') }} where tune_date between {{ first_day }} and {{ last_day }}

),

conversions as (

    select conversion_id, report_date, click_id, goal_id, first_received_at
    from {{ ref('int_conversions') }}
    where report_date between {{ first_day }} and {{ last_day }}

),

-- A row belongs to the conversion that owns the postback it names.
owned as (

    select t.tune_conversion_id, p.conversion_id
    from tune_rows as t
    join {{ ref('fct_postbacks') }} as p on p.postback_id = t.postback_id
    where p.receipt_date between {{ first_day }} and {{ last_day }}

),

-- Rows that name none may belong to a conversion of their click and goal that owns no row.
candidates as (

    select
        t.tune_conversion_id, c.conversion_id,
        t.transaction_id || '|' || coalesce(t.goal_id, '') as pair_group,
        t.converted_at as one_time,
        c.first_received_at as other_time
    from tune_rows as t
    join conversions as c on c.click_id = t.transaction_id and coalesce(c.goal_id, '') = coalesce(t.goal_id, '')
    where t.postback_id is null
        and not t.is_adjustment
        and c.conversion_id not in (select conversion_id from owned)

),

{{ nearest_pairs('pairs', 'candidates', 'tune_conversion_id', 'conversion_id') }}
matched as (

    select tune_conversion_id, conversion_id, false as is_approximate from owned
    union all
    {{ all_pairs('pairs', 'tune_conversion_id, conversion_id, true') }}

),

-- A match with a conversion outside of the window's days is no match: its row stands alone on TUNE's day.
placed as (

    select
        t.tune_conversion_id,
        coalesce(c.report_date, t.tune_date) as report_date,
        c.conversion_id,
        coalesce(m.is_approximate and c.conversion_id is not null, false) as is_approximate,
        t.postback_id, t.tune_date, t.transaction_id, t.offer_id, t.advertiser_id, t.affiliate_id, t.goal_id, t.status, t.status_code,
        t.is_adjustment, t.payout, t.revenue, t.sale_amount, t.currency, t.payout_type, t.revenue_type, t.input_flags, t.converted_at_local,
        case t.status when 'approved' then 1 when 'pending' then 2 else 3 end as status_rank
    from tune_rows as t
    left join matched as m on m.tune_conversion_id = t.tune_conversion_id
    left join conversions as c on c.conversion_id = m.conversion_id

)

select
    placed.*,
    row_number() over (
        partition by coalesce(conversion_id, 'tune:' || tune_conversion_id)
        order by status_rank, converted_at_local, tune_conversion_id
    ) = 1 as is_deciding,
    count(*) over (partition by coalesce(conversion_id, 'tune:' || tune_conversion_id)) - 1 as tune_copies
from placed
where report_date in {{ days_of_run() }}
