package booking

import (
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
)

// Names of the activities on the wire. They live in histories: never change
// one.
const (
	CreateActivity  = "booking.create"
	AmendActivity   = "booking.amend"
	RevertActivity  = "booking.revert"
	CancelActivity  = "booking.cancel"
	ConfirmActivity = "booking.confirm"
	ReleaseActivity = "booking.release"
	RefreshActivity = "booking.refresh"
	ReplaceActivity = "booking.replace"
	RetireActivity  = "booking.retire"
	RestoreActivity = "booking.restore"
	// LoadActivity is local: it runs in the workflow's own worker.
	LoadActivity = "booking.load"
)

// RegisterPMS registers the activities that call the hotel's system, for a
// worker on a vendor's queue.
func RegisterPMS(r worker.ActivityRegistry, a *Activities) {
	register(r, CreateActivity, a.Create)
	register(r, AmendActivity, a.Amend)
	register(r, RevertActivity, a.Revert)
	register(r, CancelActivity, a.Cancel)
	register(r, ConfirmActivity, a.Confirm)
	register(r, ReleaseActivity, a.Release)
	register(r, RefreshActivity, a.Refresh)
	register(r, ReplaceActivity, a.Replace)
	register(r, RetireActivity, a.Retire)
	register(r, RestoreActivity, a.Restore)
}

// RegisterLocal registers the local activities, for the worker of the
// reservation workflow.
func RegisterLocal(r worker.ActivityRegistry, a *Activities) {
	register(r, LoadActivity, a.Load)
}

func register(r worker.ActivityRegistry, name string, fn any) {
	r.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
}
