select * from {{ source('billing', 'closings') }}
