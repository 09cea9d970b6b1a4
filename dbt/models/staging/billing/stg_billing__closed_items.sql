select * from {{ source('billing', 'closed_items') }}
