package temporal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdktemporal "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"
)

// Options of the plugin. Namespace, Keys and ScopeOf are required.
type Options struct {
	// Namespace that payloads are sealed for: one moved elsewhere does not open.
	Namespace string
	Keys      Keys
	ScopeOf   ScopeOf
	// Clear tells whether a summary is of a form that holds no guest data. Such
	// a one travels in the open, and any other sealed, as all do when nil.
	Clear func(summary string) bool
	// Patience is how long a call waits for keys while their store is away.
	// Default 5 s: less than the 10 s of a workflow task.
	Patience time.Duration
}

// Plugin seals all that a client, and every worker made from it, sends to
// Temporal. Put it into client.Options.Plugins; Dial does.
type Plugin struct {
	*sdktemporal.SimplePlugin
	namespace string
	codec     *codec
	loader    *loader
}

// NewPlugin checks the options and builds the plugin.
func NewPlugin(options Options) (*Plugin, error) {
	if options.Namespace == "" || options.Keys == nil || options.ScopeOf == nil {
		return nil, errors.New("temporal plugin: Namespace, Keys and ScopeOf are required")
	}
	if options.Patience <= 0 {
		options.Patience = 5 * time.Second
	}
	missed := &names{}
	sealing := &codec{
		namespace: options.Namespace, keys: options.Keys, scopeOf: options.ScopeOf, clear: options.Clear, missed: missed,
	}
	p := &Plugin{
		namespace: options.Namespace,
		codec:     sealing,
		loader:    &loader{keys: options.Keys, scopeOf: options.ScopeOf, codec: sealing, missed: missed, patience: options.Patience},
	}
	data := newDataConverter(p.codec)
	simple, err := sdktemporal.NewSimplePlugin(sdktemporal.SimplePluginOptions{
		Name:               "voicehive-seal",
		DataConverter:      data,
		FailureConverter:   newFailureConverter(data, p.codec),
		ClientInterceptors: []interceptor.ClientInterceptor{&clientInterceptor{loader: p.loader}},
		WorkerInterceptors: []interceptor.WorkerInterceptor{&activityInterceptor{loader: p.loader}},
		ConfigureClient:    p.configureClient,
		ConfigureWorker:    configureWorker,
	})
	if err != nil {
		return nil, fmt.Errorf("temporal plugin: %w", err)
	}
	p.SimplePlugin = simple
	return p, nil
}

func (p *Plugin) configureClient(_ context.Context, options client.PluginConfigureClientOptions) error {
	o := options.ClientOptions
	if o.Namespace == "" {
		o.Namespace = p.namespace
	}
	if o.Namespace != p.namespace {
		return fmt.Errorf("temporal plugin seals for namespace %q, the client is for %q: make a plugin for each", p.namespace, o.Namespace)
	}
	// Copied, for the caller may use its options for another client too.
	o.ConnectionOptions.DialOptions = append(
		append([]grpc.DialOption(nil), o.ConnectionOptions.DialOptions...),
		grpc.WithChainUnaryInterceptor(p.loader.intercept))
	return nil
}

func configureWorker(_ context.Context, options worker.PluginConfigureWorkerOptions) error {
	if options.WorkerOptions.WorkflowPanicPolicy == worker.FailWorkflow {
		return errors.New("temporal plugin: WorkflowPanicPolicy FailWorkflow would lose workflows whose key is not at hand, use BlockWorkflow")
	}
	return nil
}

// ReplayWorkflow loads the keys of a history before it is replayed, and gives
// the replay the workflow's own id, which chooses the key.
func (p *Plugin) ReplayWorkflow(
	ctx context.Context,
	options worker.PluginReplayWorkflowOptions,
	next func(context.Context, worker.PluginReplayWorkflowOptions) error,
) error {
	if options.OriginalExecution.ID == "" && len(options.History.GetEvents()) > 0 {
		options.OriginalExecution.ID = options.History.Events[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowId()
	}
	set := map[string]struct{}{}
	if err := keyIDs(ctx, options.History, set); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	if err := p.loader.load(ctx, sorted(set)); err != nil {
		return fmt.Errorf("replay: load payload keys: %w", err)
	}
	if err := p.Prepare(ctx, options.OriginalExecution.ID); err != nil && !errors.Is(err, ErrKeyDestroyed) {
		return fmt.Errorf("replay: %w", err)
	}
	return p.SimplePlugin.ReplayWorkflow(ctx, options, next)
}

// ReplayerOptions are what worker.NewWorkflowReplayerWithOptions needs to read
// sealed histories.
func (p *Plugin) ReplayerOptions() worker.WorkflowReplayerOptions {
	return worker.WorkflowReplayerOptions{Plugins: []worker.Plugin{p}}
}

// Prepare loads the key of a workflow's scope, so that something can be sealed
// for it now, and tells when it cannot. The client's own calls do it by
// themselves; completing an activity from outside does not.
func (p *Plugin) Prepare(ctx context.Context, workflowID string) error {
	if err := p.loader.prepare(ctx, workflowID); err != nil {
		return fmt.Errorf("prepare payload key: %w", err)
	}
	return nil
}
