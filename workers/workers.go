// Package workers is the one table of worker pools: which task queues a pool
// serves, with which limits, and what it registers there. A process runs one
// pool or all of them.
//
// It stands above the workflows and activities floors and below the binary.
package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/voicehive/voicehive/activities/access"
	"github.com/voicehive/voicehive/activities/booking"
	"github.com/voicehive/voicehive/activities/breach"
	"github.com/voicehive/voicehive/activities/connection"
	"github.com/voicehive/voicehive/activities/erasure"
	"github.com/voicehive/voicehive/activities/evidence"
	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/offboarding"
	"github.com/voicehive/voicehive/activities/privacy"
	"github.com/voicehive/voicehive/activities/reconciliation"
	"github.com/voicehive/voicehive/activities/redaction"
	"github.com/voicehive/voicehive/activities/region"
	"github.com/voicehive/voicehive/activities/retention"
	"github.com/voicehive/voicehive/activities/rights"
	"github.com/voicehive/voicehive/activities/speech"
	breachflow "github.com/voicehive/voicehive/workflows/breach"
	healthflow "github.com/voicehive/voicehive/workflows/connection"
	"github.com/voicehive/voicehive/workflows/dsar"
	erasureflow "github.com/voicehive/voicehive/workflows/erasure"
	evidenceflow "github.com/voicehive/voicehive/workflows/evidence"
	messageflow "github.com/voicehive/voicehive/workflows/notification"
	offboardingflow "github.com/voicehive/voicehive/workflows/offboarding"
	reconcileflow "github.com/voicehive/voicehive/workflows/reconciliation"
	regionflow "github.com/voicehive/voicehive/workflows/region"
	"github.com/voicehive/voicehive/workflows/reservation"
	retentionflow "github.com/voicehive/voicehive/workflows/retention"
)

// Names of the pools.
const (
	CPU = "cpu"
	GPU = "gpu"
	All = "all"
)

// drain is how long a stopping worker waits for activities that are running.
// It is longer than a PMS call may take, so a deployment cuts none off.
const drain = 50 * time.Second

// sticky is how long a workflow task waits for the worker that has the
// workflow in memory before any other may take it. A caller waits that long
// when a worker dies.
const sticky = 2 * time.Second

// A Pool is a set of queues that are served, deployed and versioned together.
type Pool struct {
	Name   string
	Queues []Queue
}

// Deployment is the pool's Worker Deployment.
func (p Pool) Deployment() string { return "voicehive-" + p.Name }

// A Queue is a task queue with its limits and what it registers.
type Queue struct {
	Name     string
	Limits   Limits
	register func(worker.Registry)
}

// Limits are a queue's limits in one worker process; a zero field takes the
// SDK's default.
type Limits struct {
	// Activities and WorkflowTasks run at once, at most.
	Activities    int
	WorkflowTasks int
	// PerSecond bounds the activities that the whole queue starts in a second,
	// over all workers. It is a coarse guard: the vendor's real limit is per
	// credential and kept by the connectors.
	PerSecond float64
	// Kind is what the queue carries.
	Kind Kind
}

// Kind is what a queue carries.
type Kind int

// A queue carries workflow tasks and local activities, or activities, or all
// of them.
const (
	WorkflowTasks Kind = iota
	ActivityTasks
	AllTasks
)

// Parts are what the pools register.
type Parts struct {
	Booking *booking.Activities
	// Connection checks the hotels' connections, Reconciliation compares their
	// bookings. Where both are nil nobody serves the queue of records.
	Connection     *connection.Activities
	Reconciliation *reconciliation.Activities
	// Region looks hourly at where every endpoint stands, and Privacy asks for
	// consent and erases; nil: nobody does.
	Region  *region.Activities
	Privacy *privacy.Activities
	// Offboarding ends hotels' contracts; nil: nobody does.
	Offboarding *offboarding.Activities
	// Breach runs the clocks of personal-data breaches; nil: nobody does.
	Breach *breach.Activities
	// Retention erases what has had its time; nil: nobody does.
	Retention *retention.Activities
	// Evidence makes packs of evidence; nil: nobody does.
	Evidence *evidence.Activities
	// Rights carries data-subject requests; where it is nil nobody serves the
	// queue of privacy.
	Rights *rights.Activities
	// Access packs, corrects, restricts and stops at a guest's wish; nil: nobody
	// does.
	Access *access.Activities
	// Erasure erases people; it needs Rights. Nil: nobody does.
	Erasure *erasure.Activities
	// Notification delivers messages to guests; where it is nil nobody serves
	// their queue.
	Notification *notification.Activities
	// Redaction masks personal data; where it is nil nobody serves its queue.
	Redaction *redaction.Activities
	// Speech is nil where no recogniser is configured: then there is no GPU
	// pool.
	Speech *speech.Activities
	// Vendors are the hotel systems that this installation calls.
	Vendors []string
	// QueueRate bounds the activities a second of a vendor's queue; 500 for
	// all when nil.
	QueueRate func(vendor string) float64
	// Streams is how many streams the GPU of this machine transcribes at once.
	Streams int
}

// queueRate is the coarse guard of a vendor's queue; the real limit is the
// credential's.
func (p Parts) queueRate(vendor string) float64 {
	if p.QueueRate == nil {
		return 500
	}
	return p.QueueRate(vendor)
}

// Table is the table of pools.
func Table(p Parts) []Pool {
	cpu := Pool{Name: CPU, Queues: []Queue{{
		Name:   reservation.TaskQueue,
		Limits: Limits{WorkflowTasks: 200, Kind: WorkflowTasks},
		register: func(r worker.Registry) {
			reservation.Register(r)
			booking.RegisterLocal(r, p.Booking)
		},
	}}}
	for _, vendor := range p.Vendors {
		cpu.Queues = append(cpu.Queues, Queue{
			Name:     reservation.PMSQueue(vendor),
			Limits:   Limits{Activities: 200, PerSecond: p.queueRate(vendor), Kind: ActivityTasks},
			register: p.registerPMS,
		})
	}
	if p.Connection != nil && p.Reconciliation != nil {
		cpu.Queues = append(cpu.Queues, Queue{
			Name:   healthflow.TaskQueue,
			Limits: Limits{WorkflowTasks: 50, Activities: 20, Kind: AllTasks},
			register: func(r worker.Registry) {
				healthflow.Register(r)
				reconcileflow.Register(r)
				connection.RegisterRecords(r, p.Connection)
				if p.Region != nil {
					regionflow.Register(r)
					region.Register(r, p.Region)
				}
				if p.Privacy != nil {
					privacy.Register(r, p.Privacy)
				}
				if p.Erasure != nil {
					erasure.Register(r, p.Erasure)
				}
				if p.Access != nil {
					access.Register(r, p.Access)
				}
				if p.Retention != nil {
					retentionflow.Register(r)
					retention.Register(r, p.Retention)
				}
				if p.Evidence != nil {
					evidenceflow.Register(r)
					evidence.Register(r, p.Evidence)
				}
				if p.Offboarding != nil {
					offboardingflow.Register(r)
					offboarding.Register(r, p.Offboarding)
				}
				if p.Breach != nil {
					breachflow.Register(r)
					breach.Bind(r, p.Breach)
				}
			},
		})
	}
	if p.Rights != nil {
		cpu.Queues = append(cpu.Queues, Queue{
			Name:     dsar.TaskQueue,
			Limits:   Limits{WorkflowTasks: 50, Activities: 20, Kind: AllTasks},
			register: p.registerPrivacy,
		})
	}
	if p.Notification != nil {
		cpu.Queues = append(cpu.Queues, Queue{
			Name:   notification.TaskQueue,
			Limits: Limits{WorkflowTasks: 50, Activities: 50, Kind: AllTasks},
			register: func(r worker.Registry) {
				messageflow.Register(r)
				notification.Register(r, p.Notification)
			},
		})
	}
	if p.Redaction != nil {
		cpu.Queues = append(cpu.Queues, Queue{
			Name:     redaction.TaskQueue,
			Limits:   Limits{Activities: 50, Kind: ActivityTasks},
			register: func(r worker.Registry) { redaction.Register(r, p.Redaction) },
		})
	}
	table := []Pool{cpu}
	if p.Speech != nil {
		table = append(table, Pool{Name: GPU, Queues: []Queue{{
			Name:     "speech.gpu",
			Limits:   Limits{Activities: max(p.Streams, 1), Kind: ActivityTasks},
			register: func(r worker.Registry) { speech.Register(r, p.Speech) },
		}}})
	}
	return table
}

// registerPrivacy registers what carries guests' rights.
func (p Parts) registerPrivacy(r worker.Registry) {
	dsar.Register(r)
	rights.Register(r, p.Rights)
	if p.Erasure != nil {
		erasureflow.Register(r)
	}
}

// registerPMS registers what calls a hotel's system.
func (p Parts) registerPMS(r worker.Registry) {
	booking.RegisterPMS(r, p.Booking)
	if p.Connection != nil {
		connection.RegisterPMS(r, p.Connection)
	}
	if p.Reconciliation != nil {
		reconciliation.RegisterPMS(r, p.Reconciliation)
	}
}

// Choose returns the pools that a name stands for.
func Choose(table []Pool, name string) ([]Pool, error) {
	if name == All {
		return table, nil
	}
	i := slices.IndexFunc(table, func(p Pool) bool { return p.Name == name })
	if i >= 0 {
		return table[i : i+1], nil
	}
	if name == GPU {
		return nil, errors.New("workers: the GPU pool needs a recogniser: set RIVA_ADDRESS")
	}
	return nil, fmt.Errorf("workers: no pool %q; there are %s", name, strings.Join([]string{CPU, GPU, All}, ", "))
}

// Options say how to run pools.
type Options struct {
	BuildID string
	Logger  *slog.Logger
	// NoSticky replays every workflow task from its history; for tests.
	NoSticky bool
	// Registerer shows which queues this process serves; nil shows nothing. How
	// busy they are, the SDK's own metrics show by task queue.
	Registerer prometheus.Registerer
	// Started is called when every queue is polled.
	Started func()
}

// Run serves the pools until ctx ends, then drains: no new task is taken, and
// what is running is waited for. It returns an error when a worker cannot
// start or loses its right to poll.
func Run(ctx context.Context, c client.Client, pools []Pool, o Options) error {
	if o.NoSticky {
		worker.SetStickyWorkflowCacheSize(0)
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	served, err := newServed(o.Registerer)
	if err != nil {
		return err
	}
	var running []worker.Worker
	for _, pool := range pools {
		for _, queue := range pool.Queues {
			w := worker.New(c, queue.Name, queue.options(pool, o, fail))
			queue.register(w)
			if err := w.Start(); err != nil {
				stop(running)
				return fmt.Errorf("workers: start %s on queue %s: %w", pool.Name, queue.Name, err)
			}
			running = append(running, w)
			served.WithLabelValues(pool.Name, queue.Name, o.BuildID).Set(1)
			o.Logger.Info("Serving a task queue.", "pool", pool.Name, "queue", queue.Name, "build", o.BuildID)
		}
	}
	if o.Started != nil {
		o.Started()
	}
	<-ctx.Done()
	o.Logger.Info("Draining the workers.", "queues", len(running))
	stop(running)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// newServed is the gauge of the queues that this process serves.
func newServed(r prometheus.Registerer) (*prometheus.GaugeVec, error) {
	served := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "voicehive_worker_queue_served",
		Help: "1 for each task queue that this process serves, with its pool and build.",
	}, []string{"pool", "queue", "build_id"})
	if r == nil {
		return served, nil
	}
	if err := r.Register(served); err != nil {
		return nil, fmt.Errorf("workers: register metrics: %w", err)
	}
	return served, nil
}

// stop stops all workers at once, for each may have to wait for its tasks.
func stop(running []worker.Worker) {
	done := make(chan struct{})
	for _, w := range running {
		go func() {
			w.Stop()
			done <- struct{}{}
		}()
	}
	for range running {
		<-done
	}
}

func (q Queue) options(p Pool, o Options, fail context.CancelCauseFunc) worker.Options {
	options := worker.Options{
		MaxConcurrentActivityExecutionSize:     q.Limits.Activities,
		MaxConcurrentWorkflowTaskExecutionSize: q.Limits.WorkflowTasks,
		TaskQueueActivitiesPerSecond:           q.Limits.PerSecond,
		WorkerStopTimeout:                      drain,
		StickyScheduleToStartTimeout:           sticky,
		LocalActivityWorkerOnly:                q.Limits.Kind == WorkflowTasks,
		DisableWorkflowWorker:                  q.Limits.Kind == ActivityTasks,
		DeploymentOptions: worker.DeploymentOptions{
			UseVersioning:             true,
			Version:                   worker.WorkerDeploymentVersion{DeploymentName: p.Deployment(), BuildID: o.BuildID},
			DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
		},
		Interceptors: []interceptor.WorkerInterceptor{new(once)},
		OnFatalError: func(err error) {
			fail(fmt.Errorf("workers: queue %s: %w", q.Name, err))
		},
	}
	// Enough pollers wait at any time that a task is handed over and not stored
	// first: a waiting poller costs little, a caller's second a lot. Where no
	// caller waits, the SDK's few will do.
	ready := worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{
		MinimumNumberOfPollers: 16, InitialNumberOfPollers: 16, MaximumNumberOfPollers: 64,
	})
	switch q.Limits.Kind {
	case WorkflowTasks:
		options.WorkflowTaskPollerBehavior = ready
	case ActivityTasks:
		options.ActivityTaskPollerBehavior = ready
	}
	return options
}
