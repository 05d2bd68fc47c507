package apaleo_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/connectors/sandbox/apaleo"
)

// A modelStay is what the model remembers of a reservation.
type modelStay struct {
	id, group, external string
	arrival             pms.Date
	nights              int
	canceled            bool
}

// A model is a second, simpler account of the house: it counts rooms by
// looking at every stay.
type model struct {
	units map[string]int
	stays []*modelStay
}

// fits reports whether a group has room for the nights, leaving out one stay.
func (m *model) fits(group string, arrival pms.Date, nights int, without *modelStay) bool {
	for night := arrival; night.Before(arrival.AddDays(nights)); night = night.AddDays(1) {
		taken := 0
		for _, s := range m.stays {
			if s != without && !s.canceled && s.group == group && !night.Before(s.arrival) && night.Before(s.arrival.AddDays(s.nights)) {
				taken++
			}
		}
		if taken >= m.units[group] {
			return false
		}
	}
	return true
}

func (m *model) confirmed() (n int) {
	for _, s := range m.stays {
		if !s.canceled {
			n++
		}
	}
	return n
}

// TestModel runs random creates, amends, cancels and look-ups. The sandbox
// must sell exactly what the model would, and never a room twice.
func TestModel(t *testing.T) {
	t.Parallel()
	units := map[string]int{apaleo.Single: 1, apaleo.Double: 2, apaleo.Suite: 1}
	d := newDesk(t, apaleo.Options{Units: units})
	d.http = &http.Client{Transport: &http.Transport{}} // nothing is cut here, and kept connections are faster
	groups := []string{apaleo.Single, apaleo.Double, apaleo.Suite}
	monday := pms.MustParseDate("2026-11-09")

	rapid.Check(t, func(rt *rapid.T) {
		d.box.Reset()
		d.login()
		m := &model{units: units}
		drawStay := func() (string, pms.Date, int) {
			return rapid.SampledFrom(groups).Draw(rt, "group"),
				monday.AddDays(rapid.IntRange(0, 4).Draw(rt, "day")), rapid.IntRange(1, 3).Draw(rt, "nights")
		}
		pick := func() *modelStay {
			if len(m.stays) == 0 {
				return nil // nothing is booked yet
			}
			return rapid.SampledFrom(m.stays).Draw(rt, "stay")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"create": func(rt *rapid.T) {
				group, arrival, nights := drawStay()
				s := &modelStay{group: group, arrival: arrival, nights: nights, external: fmt.Sprintf("VH-%d", len(m.stays))}
				code, answer := d.call(http.MethodPost, bookingsPath, stay(apaleo.Flexible(group), arrival.String(), nights, s.external))
				require.Equal(rt, m.fits(group, arrival, nights, nil), code == http.StatusCreated, "status %d", code)
				if code == http.StatusCreated {
					s.id = answer.list("reservationIds")[0].text("id")
					m.stays = append(m.stays, s)
				}
			},
			"amend": func(rt *rapid.T) {
				s := pick()
				if s == nil {
					return
				}
				group, arrival, nights := drawStay()
				code, _ := d.call(http.MethodPut, amendPath(s.id), desired(apaleo.Flexible(group), arrival.String(), nights))
				can := !s.canceled && m.fits(group, arrival, nights, s)
				require.Equal(rt, can, code == http.StatusNoContent, "status %d", code)
				if can {
					s.group, s.arrival, s.nights = group, arrival, nights
				}
			},
			"cancel": func(rt *rapid.T) {
				s := pick()
				if s == nil {
					return
				}
				code, _ := d.call(http.MethodPut, cancelPath(s.id), nil)
				require.Equal(rt, !s.canceled, code == http.StatusNoContent, "status %d", code)
				s.canceled = true
			},
			"find": func(rt *rapid.T) {
				s := pick()
				if s == nil {
					return
				}
				answer := d.must(http.StatusOK, http.MethodGet, "/booking/v1/reservations?externalCode="+s.external, nil)
				ids := map[string]string{}
				for _, r := range answer.list("reservations") {
					ids[r.text("id")] = r.text("status")
				}
				want := apaleo.Confirmed
				if s.canceled {
					want = apaleo.Canceled
				}
				require.Equal(rt, want, ids[s.id])
			},
			"": func(rt *rapid.T) {
				require.NoError(rt, d.box.Audit())
				require.Equal(rt, m.confirmed(), d.box.Count(apaleo.Confirmed))
				require.Equal(rt, len(m.stays), d.box.Count(""))
			},
		})
	})
}
