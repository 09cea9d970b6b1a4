{{ config(materialized='table', dist='even', sort='id') }}
select p.id, p.payload.city::varchar(40) as city, c.country::varchar(40) as country
from {{ source('lake', 'places') }} p
left join {{ ref('countries') }} c on c.city = p.payload.city::varchar
