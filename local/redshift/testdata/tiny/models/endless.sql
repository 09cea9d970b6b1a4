{{ config(materialized='table', enabled=var('endless', false)) }}
select count(*) as n
from {{ source('lake', 'places') }} a, {{ source('lake', 'places') }} b, {{ source('lake', 'places') }} c, {{ source('lake', 'places') }} d
where a.id + b.id + c.id + d.id < 0
