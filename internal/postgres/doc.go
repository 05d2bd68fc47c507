// Package postgres is the way to the databases: a bounded pool, transactions
// that see one tenant or take one narrow role, and the migrations of the main
// database. It says tenant and knows nothing of hotels.
//
// A pool cannot run a query outside a transaction, and a transaction cannot be
// had without a tenant or a role. So row-level security decides about every
// statement, and a forgotten tenant sees and writes nothing.
//
// Two logins stand behind it. The owner runs Migrate: it makes the tables and
// the roles. The product's login owns nothing, inherits nothing (NOINHERIT)
// and may only take the query roles, which Migrate grants it:
//
//	create role voicehive_owner login createrole password '...';
//	create role voicehive_login login noinherit password '...';
//	create database voicehive owner voicehive_owner;
//
//	postgres.Migrate(ctx, ownerURL, postgres.Migrations, postgres.GrantTo("voicehive_login"))
//
// Where GrantApart says so, the sequencer of the audit log and the roller of the
// keys have logins of their own, and the product's cannot take their roles.
//
// CheckLogin tells whether a pool's login keeps to that. WithCredentials lets a
// pool connect with logins that end, and are members of the product's login;
// package leased has those of Vault.
package postgres
