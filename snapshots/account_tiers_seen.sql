{% snapshot account_tiers_seen %}

    {{ config(
        unique_key='account_id',
        strategy='check',
        check_cols=['current_tier'],
        hard_deletes='invalidate',
    ) }}

    select
        account_id,
        current_tier,
        created_at,
        updated_at
    from {{ ref('stg_dogdb__accounts') }}
    where is_current

{% endsnapshot %}
