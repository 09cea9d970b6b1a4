-- SUPER is a type of its own with jsonb's storage: so a cast from it can be lax, as Redshift's is, and PostgreSQL's type
-- system finds it wherever a SUPER value is cast, in a view or in a column of a subquery.
create type pg_catalog.super;
create function pg_catalog.super_in(cstring) returns super language internal immutable strict parallel safe as 'jsonb_in';
create function pg_catalog.super_out(super) returns cstring language internal immutable strict parallel safe as 'jsonb_out';
create function pg_catalog.super_recv(internal) returns super language internal immutable strict parallel safe as 'jsonb_recv';
create function pg_catalog.super_send(super) returns bytea language internal immutable strict parallel safe as 'jsonb_send';
create type pg_catalog.super (input = super_in, output = super_out, receive = super_recv, send = super_send, like = jsonb, category = 'U');
create cast (super as jsonb) without function;
create cast (jsonb as super) without function as assignment;

-- Comparing, grouping, sorting.
create function pg_catalog.super_eq(super, super) returns boolean language internal immutable strict parallel safe as 'jsonb_eq';
create function pg_catalog.super_ne(super, super) returns boolean language internal immutable strict parallel safe as 'jsonb_ne';
create function pg_catalog.super_lt(super, super) returns boolean language internal immutable strict parallel safe as 'jsonb_lt';
create function pg_catalog.super_le(super, super) returns boolean language internal immutable strict parallel safe as 'jsonb_le';
create function pg_catalog.super_gt(super, super) returns boolean language internal immutable strict parallel safe as 'jsonb_gt';
create function pg_catalog.super_ge(super, super) returns boolean language internal immutable strict parallel safe as 'jsonb_ge';
create function pg_catalog.super_cmp(super, super) returns integer language internal immutable strict parallel safe as 'jsonb_cmp';
create function pg_catalog.super_hash(super) returns integer language internal immutable strict parallel safe as 'jsonb_hash';
create operator pg_catalog.= (leftarg = super, rightarg = super, function = super_eq, commutator = operator(pg_catalog.=), negator = operator(pg_catalog.<>), hashes, merges, restrict = eqsel, join = eqjoinsel);
create operator pg_catalog.<> (leftarg = super, rightarg = super, function = super_ne, commutator = operator(pg_catalog.<>), negator = operator(pg_catalog.=), restrict = neqsel, join = neqjoinsel);
create operator pg_catalog.< (leftarg = super, rightarg = super, function = super_lt, commutator = operator(pg_catalog.>), negator = operator(pg_catalog.>=));
create operator pg_catalog.<= (leftarg = super, rightarg = super, function = super_le, commutator = operator(pg_catalog.>=), negator = operator(pg_catalog.>));
create operator pg_catalog.> (leftarg = super, rightarg = super, function = super_gt, commutator = operator(pg_catalog.<), negator = operator(pg_catalog.<=));
create operator pg_catalog.>= (leftarg = super, rightarg = super, function = super_ge, commutator = operator(pg_catalog.<=), negator = operator(pg_catalog.<));
create operator class pg_catalog.super_order default for type super using btree as
  operator 1 pg_catalog.<, operator 2 pg_catalog.<=, operator 3 pg_catalog.=, operator 4 pg_catalog.>=, operator 5 pg_catalog.>, function 1 super_cmp(super, super);
create operator class pg_catalog.super_hashing default for type super using hash as operator 1 pg_catalog.=, function 1 super_hash(super);

-- Navigation: what is not there is NULL, and so is JSON's null.
create function pg_catalog.super_attribute(super, text) returns super language internal immutable strict parallel safe as 'jsonb_object_field';
create function pg_catalog.super_element(super, integer) returns super language internal immutable strict parallel safe as 'jsonb_array_element';
create function pg_catalog.super_or_null(super) returns super language sql immutable parallel safe as
  $$ select nullif($1::jsonb, 'null'::jsonb)::super $$;
create function pg_catalog.super_elements(super) returns setof super language sql immutable strict parallel safe as
  $$ select value::super from jsonb_array_elements(case when jsonb_typeof($1::jsonb) = 'array' then $1::jsonb else '[]' end) $$;
create function pg_catalog.super_attributes(super) returns table (attribute varchar, value super) language sql immutable strict parallel safe as
  $$ select key::varchar, value::super from jsonb_each(case when jsonb_typeof($1::jsonb) = 'object' then $1::jsonb else '{}' end) $$;

-- Casts from SUPER: a scalar of the fitting kind, or NULL.
create function pg_catalog.super_to_varchar(super) returns varchar language sql immutable strict parallel safe as
  $$ select case when jsonb_typeof($1::jsonb) in ('string', 'number', 'boolean') then $1::jsonb #>> '{}' end $$;
create function pg_catalog.super_to_text(super) returns text language sql immutable strict parallel safe as
  $$ select case when jsonb_typeof($1::jsonb) in ('string', 'number', 'boolean') then $1::jsonb #>> '{}' end $$;
create function pg_catalog.super_to_bpchar(super) returns bpchar language sql immutable strict parallel safe as
  $$ select case when jsonb_typeof($1::jsonb) in ('string', 'number', 'boolean') then ($1::jsonb #>> '{}')::bpchar end $$;
create function pg_catalog.super_to_numeric(super) returns numeric language sql immutable strict parallel safe as
  $$ select case when jsonb_typeof($1::jsonb) = 'number' then ($1::jsonb)::numeric end $$;
create function pg_catalog.super_to_bool(super) returns boolean language sql immutable strict parallel safe as
  $$ select case when jsonb_typeof($1::jsonb) = 'boolean' then ($1::jsonb)::boolean end $$;
create function pg_catalog.super_to_bigint(super) returns bigint language sql immutable strict parallel safe as
  $$ select case when ($1::numeric) between -9223372036854775808 and 9223372036854775807 then trunc($1::numeric)::bigint end $$;
create function pg_catalog.super_to_int(super) returns integer language sql immutable strict parallel safe as
  $$ select case when ($1::numeric) between -2147483648 and 2147483647 then trunc($1::numeric)::integer end $$;
create function pg_catalog.super_to_smallint(super) returns smallint language sql immutable strict parallel safe as
  $$ select case when ($1::numeric) between -32768 and 32767 then trunc($1::numeric)::smallint end $$;
create function pg_catalog.super_to_float8(super) returns double precision language sql immutable strict parallel safe as
  $$ select ($1::numeric)::double precision $$;
create function pg_catalog.super_to_float4(super) returns real language sql immutable strict parallel safe as
  $$ select ($1::numeric)::real $$;
create cast (super as varchar) with function super_to_varchar(super) as assignment;
create cast (super as text) with function super_to_text(super) as assignment;
create cast (super as bpchar) with function super_to_bpchar(super) as assignment;
create cast (super as numeric) with function super_to_numeric(super) as assignment;
create cast (super as boolean) with function super_to_bool(super) as assignment;
create cast (super as bigint) with function super_to_bigint(super) as assignment;
create cast (super as integer) with function super_to_int(super) as assignment;
create cast (super as smallint) with function super_to_smallint(super) as assignment;
create cast (super as double precision) with function super_to_float8(super) as assignment;
create cast (super as real) with function super_to_float4(super) as assignment;

-- Casts to SUPER: a scalar becomes a SUPER scalar; a text is not parsed.
create function pg_catalog.super_text(text) returns super language sql immutable strict parallel safe as $$ select to_jsonb($1)::super $$;
create function pg_catalog.super_of(varchar) returns super language sql immutable strict parallel safe as $$ select to_jsonb($1::text)::super $$;
create function pg_catalog.super_of(numeric) returns super language sql immutable strict parallel safe as $$ select to_jsonb($1)::super $$;
create function pg_catalog.super_of(bigint) returns super language sql immutable strict parallel safe as $$ select to_jsonb($1)::super $$;
create function pg_catalog.super_of(integer) returns super language sql immutable strict parallel safe as $$ select to_jsonb($1)::super $$;
create function pg_catalog.super_of(double precision) returns super language sql immutable strict parallel safe as $$ select to_jsonb($1)::super $$;
create function pg_catalog.super_of(boolean) returns super language sql immutable strict parallel safe as $$ select to_jsonb($1)::super $$;
create cast (text as super) with function super_text(text) as assignment;
create cast (varchar as super) with function super_of(varchar) as assignment;
create cast (numeric as super) with function super_of(numeric) as assignment;
create cast (bigint as super) with function super_of(bigint) as assignment;
create cast (integer as super) with function super_of(integer) as assignment;
create cast (double precision as super) with function super_of(double precision) as assignment;
create cast (boolean as super) with function super_of(boolean) as assignment;

-- JSON texts and SUPER.
create function pg_catalog.json_parse(text) returns super language sql immutable strict parallel safe as $$ select $1::jsonb::super $$;
create function pg_catalog.redshift_json_serialize(super) returns varchar language sql immutable strict parallel safe as
  $$ select regexp_replace($1::jsonb::text, '("(?:[^"\\]|\\.)*")|([:,]) ', '\1\2', 'g')::varchar $$;
create function pg_catalog.can_json_parse(text) returns boolean language sql immutable strict parallel safe as $$ select pg_input_is_valid($1, 'jsonb') $$;
create function pg_catalog.is_valid_json(text) returns boolean language sql immutable strict parallel safe as
  $$ select coalesce(pg_input_is_valid($1, 'jsonb') and left(ltrim($1), 1) = '{', false) $$;
create function pg_catalog.is_valid_json_array(text) returns boolean language sql immutable strict parallel safe as
  $$ select coalesce(pg_input_is_valid($1, 'jsonb') and left(ltrim($1), 1) = '[', false) $$;
create function pg_catalog.redshift_json_extract_path_text(text, variadic text[]) returns varchar language sql immutable strict parallel safe as
  $$ select coalesce(jsonb_extract_path_text($1::jsonb, variadic $2), '')::varchar $$;
create function pg_catalog.json_extract_array_element_text(text, integer) returns varchar language sql immutable strict parallel safe as
  $$ select coalesce($1::jsonb ->> $2, '')::varchar $$;
create function pg_catalog.redshift_json_array_length(text) returns integer language sql immutable strict parallel safe as $$ select jsonb_array_length($1::jsonb) $$;
create function pg_catalog.json_typeof(super) returns varchar language sql immutable strict parallel safe as $$ select jsonb_typeof($1::jsonb)::varchar $$;
create function pg_catalog.is_object(super) returns boolean language sql immutable strict parallel safe as $$ select jsonb_typeof($1::jsonb) = 'object' $$;
create function pg_catalog.is_array(super) returns boolean language sql immutable strict parallel safe as $$ select jsonb_typeof($1::jsonb) = 'array' $$;
create function pg_catalog.is_scalar(super) returns boolean language sql immutable strict parallel safe as
  $$ select jsonb_typeof($1::jsonb) in ('string', 'number', 'boolean') $$;
create function pg_catalog.is_varchar(super) returns boolean language sql immutable strict parallel safe as $$ select jsonb_typeof($1::jsonb) = 'string' $$;
create function pg_catalog.is_boolean(super) returns boolean language sql immutable strict parallel safe as $$ select jsonb_typeof($1::jsonb) = 'boolean' $$;
create function pg_catalog.is_integer(super) returns boolean language sql immutable strict parallel safe as
  $$ select coalesce($1::numeric = trunc($1::numeric), false) $$;
create function pg_catalog.get_array_length(super) returns integer language sql immutable strict parallel safe as
  $$ select case when jsonb_typeof($1::jsonb) = 'array' then jsonb_array_length($1::jsonb) end $$;
create function pg_catalog.json_size(super) returns integer language sql immutable strict parallel safe as $$ select octet_length(redshift_json_serialize($1)) $$;
