package credentials_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/connectors/credentials"
	"github.com/voicehive/voicehive/connectors/credentials/credentialstest"
	"github.com/voicehive/voicehive/connectors/pms"
)

func TestConnectExchangesACode(t *testing.T) {
	t.Parallel()
	server := credentialstest.NewIdentity(t)
	server.Permit("code")
	hotel := credentialstest.Hotel()
	hotel.RefreshToken = credentials.Secret{}
	keeper := files(t, hotel)
	account := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", server.URL)

	err := account.Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, pms.ErrAuthentication)
	require.ErrorContains(t, err, "refresh_token")
	require.ErrorContains(t, err, "connect")

	err = account.Connect(t.Context(), "wrong", "https://voicehive.example/back", "")
	require.ErrorIs(t, err, pms.ErrAuthentication)
	require.NoError(t, account.Connect(t.Context(), "code", "https://voicehive.example/back", "verifier"))
	r := outgoing()
	require.NoError(t, account.Authorize(t.Context(), r))
	require.Equal(t, "Bearer t1", r.Header.Get("Authorization"), "the first token is used")
	account.Refused(r)
	require.NoError(t, account.Authorize(t.Context(), r))
	require.Equal(t, "Bearer t2", r.Header.Get("Authorization"), "then the refresh token")
	require.NoError(t, account.Check(t.Context()))
}

func TestConnectRefusals(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	plain := credentials.NewTokens(store(secret), http.DefaultClient).Bearer("aurora", "")
	require.ErrorIs(t, plain.Connect(ctx, "code", "", ""), pms.ErrAuthentication)
	other := credentials.NewTokens(files(t, client(secret)), http.DefaultClient)
	require.ErrorIs(t, other.Bearer("none", "").Connect(ctx, "code", "", ""), credentials.ErrNotFound)
	require.ErrorContains(t, other.Bearer("aurora", "").Connect(ctx, "code", "", ""), "field kind")
	hotel := files(t, credentialstest.Hotel())
	mews := credentials.Scheme{Kinds: []credentials.Kind{credentials.APIKey}}
	require.ErrorIs(t, credentials.NewTokens(hotel, http.DefaultClient).Account("aurora", mews).Connect(ctx, "code", "", ""), credentials.ErrInvalid)

	for body, want := range map[string]error{
		`{"access_token":"t"}`:                            pms.ErrPermission, // and no refresh token
		`{"access_token":"\u0000","refresh_token":"r"}`:   pms.ErrUnavailable,
		`{"access_token":"t","refresh_token":"rotated"}`:  nil,
		`{"access_token":"t2","refresh_token":"rotated"}`: pms.ErrUnavailable, // the store is down by then
	} {
		url, _ := answering(t, 200, body)
		keeper := &moody{Keeper: files(t, credentialstest.Hotel())}
		if want != nil {
			keeper.setWrites(errors.New("down"))
		}
		err := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", url).Connect(ctx, "code", "", "")
		require.ErrorIs(t, err, want, body)
	}
}

func TestRefreshTokenThatCannotBeStoredIsNotForgotten(t *testing.T) {
	t.Parallel()
	server := credentialstest.NewIdentity(t)
	keeper := &moody{Keeper: files(t, credentialstest.Hotel())}
	account := credentials.NewTokens(keeper, http.DefaultClient, quick).Bearer("aurora", server.URL)
	// The store goes down between the answer and its storing.
	server.Answered(func() { keeper.setWrites(errors.New("down")) })
	r := outgoing()
	require.NoError(t, account.Authorize(t.Context(), r), "the token is good all the same")
	require.Equal(t, "Bearer t1", r.Header.Get("Authorization"))
	kept, err := keeper.Keeper.Credentials(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, "r0", kept.RefreshToken.Reveal())
	keeper.setWrites(nil)
	require.Eventually(t, func() bool {
		_ = account.Authorize(t.Context(), outgoing())
		kept, err := keeper.Keeper.Credentials(t.Context(), "aurora")
		return err == nil && kept.RefreshToken.Reveal() == "r1"
	}, time.Minute, 10*time.Millisecond)
	server.Answered(nil)
	account.Refused(r)
	require.NoError(t, account.Authorize(t.Context(), r))
	require.Equal(t, "Bearer t2", r.Header.Get("Authorization"))
	_, refused := server.Counts()
	require.Zero(t, refused)
}

func TestClaimOfADeadOwnerEnds(t *testing.T) {
	t.Parallel()
	server := credentialstest.NewIdentity(t)
	hotel := credentialstest.Hotel()
	hotel.Access.ClaimedUntil = time.Now().Add(time.Minute)
	account := credentials.NewTokens(files(t, hotel), http.DefaultClient).Bearer("aurora", server.URL)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, account.Authorize(ctx, outgoing()), pms.ErrUnavailable, "it waits for the owner")
	made, _ := server.Counts()
	require.Zero(t, made)

	hotel.Access.ClaimedUntil = time.Now().Add(700 * time.Millisecond)
	account = credentials.NewTokens(files(t, hotel), http.DefaultClient).Bearer("aurora", server.URL)
	require.NoError(t, account.Authorize(t.Context(), outgoing()))
	require.True(t, time.Now().After(hotel.Access.ClaimedUntil))
}

func TestRefusedRefreshGivesTheClaimBack(t *testing.T) {
	t.Parallel()
	server := credentialstest.NewIdentity(t)
	hotel := credentialstest.Hotel()
	hotel.RefreshToken = credentials.NewSecret("used-up-" + secret)
	keeper := files(t, hotel)
	err := credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", server.URL).Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, pms.ErrAuthentication)
	require.ErrorContains(t, err, "connect the hotel again")
	require.NotContains(t, everyWay(t, err), secret)
	kept, err := keeper.Credentials(t.Context(), "aurora")
	require.NoError(t, err)
	require.Equal(t, hotel, kept)
}

func TestRefreshNeedsAStoreThatWrites(t *testing.T) {
	t.Parallel()
	err := credentials.NewTokens(readOnly{credentialstest.Hotel()}, http.DefaultClient).Bearer("aurora", "").Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, pms.ErrAuthentication)
	keeper := &moody{Keeper: files(t, credentialstest.Hotel())}
	keeper.setWrites(errors.New("denied"))
	server := credentialstest.NewIdentity(t)
	err = credentials.NewTokens(keeper, http.DefaultClient).Bearer("aurora", server.URL).Authorize(t.Context(), outgoing())
	require.ErrorIs(t, err, pms.ErrUnavailable)
	made, _ := server.Counts()
	require.Zero(t, made, "what could not be claimed is not used up")
}

type readOnly struct{ c credentials.Credentials }

func (r readOnly) Credentials(context.Context, string) (credentials.Credentials, error) {
	return r.c, nil
}
