-- Every conversion of the run's days is in one class, and so is every row of TUNE that counts on those days: as the one that
-- decides, as a copy, or alone; and so is every line of an MMP's report.
{{ config(tags=['run']) }}

with reconciled as (

    select conversion_id, tune_conversion_id, tune_copies, mmp_row_id
    from {{ ref('fct_tune_reconciliation') }}
    where report_date in {{ days_of_run() }}

),

sums as (

    select
        (select count(*) from {{ ref('fct_conversions') }} where report_date in {{ days_of_run() }}) as conversions,
        (select count(*) from {{ ref('int_tune_matches') }} where report_date in {{ days_of_run() }}) as tune_rows,
        (select count(*) from {{ ref('int_mmp_matches') }} where report_date in {{ days_of_run() }}) as report_lines,
        (select count(mmp_row_id) from reconciled) as report_lines_in_classes,
        (select count(conversion_id) from reconciled) as conversions_in_classes,
        (select count(tune_conversion_id) + coalesce(sum(tune_copies), 0) from reconciled) as tune_rows_in_classes

)

select * from sums where conversions <> conversions_in_classes or tune_rows <> tune_rows_in_classes or report_lines <> report_lines_in_classes
