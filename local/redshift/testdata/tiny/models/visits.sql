{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert') }}
select id, city, getdate() as seen_at from {{ ref('cities') }}
{% if is_incremental() %} where id >= (select max(id) from {{ this }}) {% endif %}
