-- WITH NO SCHEMA BINDING: the view reads a function whose body PostgreSQL looks at only when it runs, so that the tables
-- may be dropped and made again under it. PostgreSQL inlines the function, so it costs nothing.
create sequence redshift.late_views;
grant usage on sequence redshift.late_views to public;
create function redshift.create_late_view(name text[], query text, replacing boolean) returns void language plpgsql as $$
declare
  parts constant integer := array_length(name, 1);
  in_schema constant text := quote_ident(case when parts > 1 then name[parts - 1] else current_schema() end);
  view constant text := in_schema || '.' || quote_ident(name[parts]);
  body constant text := in_schema || '.' || quote_ident('late binding ' || nextval('redshift.late_views')); -- views are renamed
  columns text;
begin
  begin
    execute 'create temporary view late_view_probe as ' || query;
  exception when undefined_table or undefined_function then
    raise exception 'the stand-in does not imitate late-binding views over what does not exist yet: %', sqlerrm
      using errcode = '0A000', hint = 'Make the tables first.';
  end;
  select string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) into columns
  from pg_attribute where attrelid = 'pg_temp.late_view_probe'::regclass and attnum > 0;
  drop view pg_temp.late_view_probe;
  if replacing then
    execute 'drop view if exists ' || view;
  end if;
  execute 'create function ' || body || '() returns table (' || columns || ') language sql stable as ' || quote_literal(query);
  execute 'create view ' || view || ' as select * from ' || body || '()';
end $$;
grant execute on function redshift.create_late_view to public;
