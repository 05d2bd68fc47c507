package postgres

// LookAtLease makes a pool renew its lease now.
func LookAtLease(p *Pool) { p.logins.wake() }
