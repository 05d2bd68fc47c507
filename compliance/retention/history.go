package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/compliance/register"
)

// ErrHistory: Temporal keeps runs that have ended for longer than the rule of
// their class lets it.
var ErrHistory = errors.New("retention: Temporal keeps finished workflow runs for longer than they may be kept")

// CheckHistory compares how long Temporal keeps runs that have ended with the
// rule, and with the hotel's own term: ErrHistory where it is longer. Without a
// hotel's id it is the rule alone. Nothing else ends those runs.
func (e *Engine) CheckHistory(ctx context.Context, h Hotel, kept time.Duration) error {
	var s Settings
	if h.ID != "" && h.ID != House.ID {
		var err error
		if s, err = e.SettingsOf(ctx, h); err != nil {
			return err
		}
	}
	closed := time.Date(2027, 1, 1, 12, 0, 0, 0, s.zone()) // a month with 31 days, and no clock is changed soon
	r := Record{Class: register.Run, Country: h.Country, Anchors: map[Anchor]time.Time{Closed: closed, Created: closed, Ended: closed}}
	v := e.Policy.Resolve(r, s, nil, closed.Add(kept))
	if v.Action != Erase {
		return nil
	}
	whose := "the rule " + v.Rule
	if h.ID != "" {
		whose += " at " + h.ID
	}
	may := v.Until.Sub(startOf(closed, s.zone()))/(24*time.Hour) - 1
	return fmt.Errorf("%w: its namespace keeps them for %s, and %s for %d days; set it right with `temporal operator namespace update --retention %dd`",
		ErrHistory, days(kept), whose, may, may)
}

// days tells a span in days where it is whole ones.
func days(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	return d.String()
}
