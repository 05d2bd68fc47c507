package subjects

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// objectsAtOnce is how many objects are erased between two words about it.
const objectsAtOnce = 200

// eraseObjects erases the recordings whose rows are gone, and reads back that
// they are. What is cut off here the next erasure of the scopes goes on with.
func (d *Desk) eraseObjects(ctx context.Context, tenant string, o Order) (n int64, err error) {
	for {
		names, err := d.doomed(ctx, tenant, o.Scopes, objectsAtOnce)
		if err != nil || len(names) == 0 {
			return n, err
		}
		if d.Objects == nil {
			return n, ErrObjects
		}
		for _, name := range names {
			if err := d.Objects.Delete(ctx, name); err != nil {
				return n, wrap(err, "erase a recording")
			}
			if there, err := d.Objects.Exists(ctx, name); err != nil || there {
				return n, wrap(errors.Join(err, errStays(there)), "read back a recording")
			}
		}
		err = d.Pool.InTenant(ctx, tenant, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, `delete from erased_object where hotel = $1 and object = any($2)`, tenant, names)
			if err != nil {
				return wrap(err, "erase a recording's name")
			}
			return d.tellErased(ctx, tx, tenant, o, Counts{Objects: tag.RowsAffected()})
		})
		if err != nil {
			return n, err
		}
		n += int64(len(names))
	}
}

func errStays(there bool) error {
	if there {
		return errors.New("the object store still has it: erase again")
	}
	return nil
}

// doomed lists objects whose rows are gone.
func (d *Desk) doomed(ctx context.Context, tenant string, scopes []string, most int) ([]string, error) {
	rows, err := d.Pool.Tenant(tenant).Query(ctx, `
		select object from erased_object where hotel = $1 and scope = any($2) order by object limit $3`, tenant, scopes, most)
	if err != nil {
		return nil, wrap(err, "list recordings")
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return names, wrap(err, "list recordings")
}
