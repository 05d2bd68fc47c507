package audit

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/keys"
)

// A sealedDetail is a row of audit_detail with its place in the log.
type sealedDetail struct {
	N      int64
	Tenant string
	Scope  string
	Sealed []byte
}

// writeDetails writes the opened details of the entries told, in their order.
func (e *export) writeDetails(first, last int64) error {
	w, err := e.pack.create(packDetails)
	if err != nil {
		return err
	}
	const page = 2000
	for from := first; from <= last; {
		rows, err := e.tx.Query(e.ctx, `
			select l.n, d.tenant, d.scope, d.sealed from audit_leaf l join audit_detail d using (tenant, writer, seq)
			where l.year = $1 and l.n between $2 and $3 and ($4 = '' or l.tenant = $4) order by l.n limit $5`,
			e.options.Year, from, last, e.options.Tenant, page)
		if err != nil {
			return err
		}
		sealed, err := pgx.CollectRows(rows, pgx.RowToStructByPos[sealedDetail])
		if err != nil {
			return err
		}
		for _, d := range sealed {
			opened, err := e.open(d)
			if err != nil {
				return err
			}
			if err := line(w, opened); err != nil {
				return err
			}
			from = d.N + 1
		}
		if len(sealed) < page {
			return nil
		}
	}
	return nil
}

// OpenDetail opens what was sealed with an event, by the key of its scope. It
// fails with an error of package keys, or with ErrDetail.
func OpenDetail(ctx context.Context, ring *keys.Ring, scope keys.Scope, sealed []byte) (Detail, error) {
	plain, err := ring.Open(ctx, scope, keys.Audit, sealPlace, sealed)
	if err != nil {
		return Detail{}, err
	}
	return parseDetail(plain)
}

// open opens a detail. One whose key was destroyed is told as such; one that
// was changed is told without its content, and the verifier says so.
func (e *export) open(d sealedDetail) (detailLine, error) {
	scope := keys.Scope{Tenant: d.Tenant, ID: d.Scope}
	detail, err := OpenDetail(e.ctx, e.options.Ring, scope, d.Sealed)
	switch {
	case errors.Is(err, keys.ErrDestroyed):
		return detailLine{N: d.N, Destroyed: true}, nil
	case errors.Is(err, keys.ErrTampered) || errors.Is(err, keys.ErrTruncated) || errors.Is(err, keys.ErrEnvelope) || errors.Is(err, ErrDetail):
		return detailLine{N: d.N, Scope: scope.String()}, nil
	case err != nil:
		return detailLine{}, err
	}
	return detailLine{N: d.N, Scope: scope.String(), Nonce: detail.Nonce, Detail: detail.Text}, nil
}
