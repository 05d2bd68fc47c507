package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// listenPing is how often a receiver that hears nothing asks whether the server
// is still there: a connection that died quietly hears nothing either.
const listenPing = 30 * time.Second

// A Channel carries short words between the processes that share a database. A
// word that is sent while nobody receives is lost, so it can only say that
// something is worth a look. It reads no table, so it needs no tenant and no
// role. Words must hold no data of a tenant beyond its name: every process
// hears them.
type Channel struct {
	pool *Pool
	name string
}

// Channel returns the channel of that name.
func (p *Pool) Channel(name string) Channel { return Channel{pool: p, name: name} }

// Send says words of up to 8,000 bytes to all who receive, this process too.
func (c Channel) Send(ctx context.Context, words ...string) error {
	if _, err := c.pool.pool.Exec(ctx, "select pg_notify($1, word) from unnest($2::text[]) word", c.name, words); err != nil {
		return fmt.Errorf("postgres: sending to channel %s: %w", c.name, err)
	}
	return nil
}

// errSuccessor ends a receiver whose login was replaced.
var errSuccessor = errors.New("the connection's login has a successor; receive again")

// Receive tells each word to hear, until ctx ends, the connection breaks or its
// leased login is replaced; the error is never nil. It calls opened when it begins to hear: what was said
// before that is lost. It takes a connection out of the pool for itself, and
// needs one to the server itself, not through a pooler of transactions.
func (c Channel) Receive(ctx context.Context, opened func(), hear func(word string)) error {
	taken, err := c.pool.pool.Acquire(ctx)
	if err != nil {
		c.pool.logins.noticed(err)
		return fmt.Errorf("postgres: a connection to receive channel %s: %w", c.name, err)
	}
	// Never back into the pool, where it would go on listening.
	conn := taken.Hijack()
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ending)
		c.pool.logins.left(conn)
	}()
	ctx, stop := c.pool.logins.follow(ctx, conn)
	defer stop()
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{c.name}.Sanitize()); err != nil {
		return fmt.Errorf("postgres: receiving channel %s: %w", c.name, err)
	}
	opened()
	for {
		word, err := next(ctx, conn)
		if errors.Is(context.Cause(ctx), errSuccessor) {
			err = errSuccessor
		}
		if err != nil {
			return fmt.Errorf("postgres: receiving channel %s: %w", c.name, err)
		}
		hear(word)
	}
}

// next waits for a word, and makes sure now and then that one can come.
func next(ctx context.Context, conn *pgx.Conn) (string, error) {
	for {
		quiet, cancel := context.WithTimeout(ctx, listenPing)
		word, err := conn.WaitForNotification(quiet)
		cancel()
		if err == nil {
			return word.Payload, nil
		}
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return "", err
		}
		ping, cancel := context.WithTimeout(ctx, listenPing)
		err = conn.Ping(ping)
		cancel()
		if err != nil {
			return "", err
		}
	}
}
