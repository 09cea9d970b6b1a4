select * from {{ source('billing', 'closed_lines') }}
