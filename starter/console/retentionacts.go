package console

import (
	"context"
	"net/http"

	"github.com/voicehive/voicehive/compliance/retention"
	"github.com/voicehive/voicehive/starter"
)

// startRun starts a run as an officer.
func (s *server) startRun(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, done, err := s.longWork(w, r)
	if err != nil {
		return err
	}
	defer done()
	run, did, err := s.began(ctx, v)
	if err == nil && !did {
		run, err = s.Retention.Run(ctx, v.hotel.ID, v.who())
	}
	wrong, err := faultOf(err)
	if err != nil {
		return err
	}
	if wrong.Is() {
		// The same form may have been faster at another process.
		if run, did, err = s.began(ctx, v); err != nil {
			return err
		} else if !did {
			return s.writeRuns(w, r.WithContext(ctx), v, runList{Fault: wrong})
		}
	}
	s.done(w, r, v, "/retention/runs/"+run.ID, "run-started")
	return nil
}

// began is the officer's own run that began since the form's page was shown: a
// form that is sent twice starts one.
func (s *server) began(ctx context.Context, v *visit) (retention.Run, bool, error) {
	if !v.form.Has("last") {
		return retention.Run{}, false, nil
	}
	all, err := s.Retention.Runs(ctx, v.hotel.ID)
	if err != nil || len(all.Runs) == 0 || all.Runs[0].ID == field(v, "last") {
		return retention.Run{}, false, err
	}
	me, err := s.pseudonym(ctx, v.hotel.ID, v.who())
	return all.Runs[0], err == nil && all.Runs[0].StartedBy == me, err
}

// decideRun is the second person's word on a run's plan.
func (s *server) decideRun(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, done, err := s.longWork(w, r)
	if err != nil {
		return err
	}
	defer done()
	d, word := starter.RetentionDecision{PlanHash: field(v, "plan"), Refuse: field(v, "refuse") != ""}, "run-approved"
	if d.Refuse {
		word = "run-refused"
	}
	id := r.PathValue("id")
	_, err = s.Retention.Decide(ctx, v.hotel.ID, v.who(), id, d)
	wrong, err := faultOf(err)
	if err != nil {
		return err
	}
	if wrong.Is() {
		if did, err := s.decided(ctx, v, id, d); err != nil {
			return err
		} else if !did {
			return s.writeRun(w, r.WithContext(ctx), v, wrong)
		}
	}
	s.done(w, r, v, "/retention/runs/"+id, word)
	return nil
}

// decided tells whether the officer has said so already: a form that is sent
// twice says the same twice.
func (s *server) decided(ctx context.Context, v *visit, id string, d starter.RetentionDecision) (bool, error) {
	run, err := s.Retention.Show(ctx, v.hotel.ID, id)
	if err != nil {
		return false, err
	}
	me, err := s.pseudonym(ctx, v.hotel.ID, v.who())
	if d.Refuse {
		return err == nil && run.RefusedBy == me, err
	}
	return err == nil && run.ApprovedBy == me && run.PlanHash == d.PlanHash, err
}
