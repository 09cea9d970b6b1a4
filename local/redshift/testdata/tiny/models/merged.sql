{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}
select id, city from {{ ref('cities') }}
