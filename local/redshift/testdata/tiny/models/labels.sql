{{ config(materialized='view', bind=False) }}
select p.id, label::varchar as label, position
from {{ source('lake', 'places') }} p, p.payload.labels as label at position
