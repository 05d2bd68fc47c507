package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/retention"
)

// checks answer what SQL alone cannot.
var checks = map[string]func(context.Context, *job) (answer, error){
	"retention_overdue": checkOverdue,
	"run_history":       checkHistory,
	"audit_log":         checkLog,
	"wordings":          checkWordings,
	"notices":           checkNotices,
	"register":          checkRegister,
}

func checkOverdue(ctx context.Context, j *job) (answer, error) {
	if j.Overdue == nil {
		return answer{why: "nobody counts what is overdue in this installation"}, nil
	}
	of, overdue, err := j.Overdue(ctx, j.Hotel, j.Until)
	return answer{cases: of, wrong: overdue}, err
}

func checkHistory(ctx context.Context, j *job) (answer, error) {
	if j.History == nil {
		return answer{why: "Temporal was not asked for how long it keeps finished runs"}, nil
	}
	err := j.History(ctx, j.Hotel)
	if errors.Is(err, retention.ErrHistory) {
		return answer{cases: 1, wrong: 1}, nil
	}
	return answer{cases: 1}, err
}

func checkLog(_ context.Context, j *job) (answer, error) {
	if len(j.logs) == 0 {
		return answer{why: "no head of the log is signed yet"}, nil
	}
	var a answer
	for _, l := range j.logs {
		a.cases += max(l.entries, 1) // the head itself
		a.wrong += int64(len(l.report.Findings)) + int64(l.report.More)
	}
	return a, nil
}

// checkWordings compares the hash of each yes with the words of its version.
func checkWordings(ctx context.Context, j *job) (a answer, err error) {
	err = j.each(ctx, `
		select purpose, coalesce(wording, ''), language, coalesce(wording_hash, ''), count(*) from consent_event
		where hotel = $1 and action = 'given' and recorded_at >= $2 and recorded_at < $3 group by 1, 2, 3, 4`,
		func(row pgx.CollectableRow) error {
			var purpose, version, language string
			var hash []byte
			var n int64
			if err := row.Scan(&purpose, &version, &language, &hash, &n); err != nil {
				return err
			}
			a.cases += n
			// An empty version would stand for the newest one.
			if w, err := consent.WordingOf(consent.Purpose(purpose), version, language); version == "" || err != nil || !bytes.Equal(w.Hash[:], hash) {
				a.wrong += n
			}
			return nil
		})
	return a, err
}

// checkNotices makes the words of each call's notice again and compares their
// hash with what was recorded.
func checkNotices(ctx context.Context, j *job) (a answer, err error) {
	err = j.each(ctx, `
		select coalesce(notice_version, ''), coalesce(notice_language, ''), coalesce(notice_addition, ''), coalesce(notice_hash, ''), count(*)
		from call c where hotel = $1 and started_at >= $2 and started_at < $3
		  and (exists (select from turn t where t.hotel = c.hotel and t.call = c.id)
		    or exists (select from recording r where r.hotel = c.hotel and r.call = c.id))
		group by 1, 2, 3, 4`,
		func(row pgx.CollectableRow) error {
			var version, language, addition string
			var hash []byte
			var n int64
			if err := row.Scan(&version, &language, &addition, &hash, &n); err != nil {
				return err
			}
			a.cases += n
			if !noticeHolds(version, language, addition, hash) {
				a.wrong += n
			}
			return nil
		})
	return a, err
}

func noticeHolds(version, language, addition string, hash []byte) bool {
	notice, err := consent.NoticeOf(version, language, addition)
	if err != nil {
		return false
	}
	words := notice.Hash()
	return bytes.Equal(words[:], hash)
}

// checkRegister compares the running database with the register.
func checkRegister(ctx context.Context, j *job) (a answer, err error) {
	r, err := register.Load()
	if err != nil {
		return answer{}, err
	}
	known := map[string]map[string]register.Column{}
	for _, s := range r.Stores {
		if s.Kind == register.Table && s.Database == register.Main {
			known[s.Name] = s.Columns
		}
	}
	err = j.each(ctx, `
		select c.relname::text, a.attname::text
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
		  and $1 <> '' and $2::timestamptz < $3::timestamptz`,
		func(row pgx.CollectableRow) error {
			var table, column string
			if err := row.Scan(&table, &column); err != nil {
				return err
			}
			a.cases++
			if _, ok := known[table][column]; !ok {
				a.wrong++
			}
			return nil
		})
	return a, err
}

// each reads rows of the hotel, with hotel, from and until as arguments.
func (j *job) each(ctx context.Context, sql string, see func(pgx.CollectableRow) error) error {
	err := j.Pool.InTenantReadOnly(ctx, j.Hotel, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, j.Hotel, j.From, j.Until)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := see(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("read the hotel's rows: %w", err)
	}
	return nil
}
