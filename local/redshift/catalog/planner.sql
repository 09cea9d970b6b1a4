-- Redshift joins equal columns by hash or merge, whatever it expects to find. PostgreSQL takes a nested loop where it expects one row, and behind
-- row_number() = 1 or a CTE it expects one: then a join of thousands of rows reads the other side thousands of times.
do $$ begin
    execute format('alter database %I set enable_nestloop = off', current_database());
end $$;
