package natsgen_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsio "github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

func TestServerKilledEndsAllCallsAtOnce(t *testing.T) {
	server := natsserver.Start(t, "")
	serving, calling := connect(t, server), connect(t, server)
	g := newGate()
	g.entered = make(chan string, 2000)
	serve(t, serving, "w0", g.handle)
	c := newClient(calling)
	const count = 1000
	calls := make([]<-chan error, 0, count)
	for range count {
		calls = append(calls, begin(c, &putOperation, item{Key: fmt.Sprint(len(calls))}))
	}
	for range count {
		<-g.entered
	}
	server.Kill()
	begun := time.Now()
	for _, call := range calls {
		expect(t, <-call, "no_answer: not connected, retryable false")
	}
	if took := time.Since(begun); took > time.Second || calling.Pending() != 0 {
		t.Error(took, calling.Pending())
	}
	_, err := c.call(context.Background(), &putOperation, "w0", item{})
	expect(t, err, "not_sent: not connected, retryable true")
	close(g.open)
	server.Restart()
	eventually(t, "calls work again", func() bool {
		_, err := c.call(context.Background(), &putOperation, "w0", item{})
		return err == nil
	})
	if len(g.entered) != 1 {
		t.Error(len(g.entered), "executions after the restart")
	}
}

func TestServerStalledCallsEndAtTheirDeadline(t *testing.T) {
	server := natsserver.Start(t, "")
	serving, calling := connect(t, server), connect(t, server)
	var executed sync.Map
	var twice atomic.Int32
	serve(t, serving, "w0", func(_ context.Context, i item) (item, error) {
		if _, ok := executed.LoadOrStore(i.Key, true); ok {
			twice.Add(1)
		}
		return i, nil
	})
	c := newClient(calling, natsgen.Timeout(500*time.Millisecond))
	if _, err := c.call(context.Background(), &putOperation, "w0", item{Key: "warm"}); err != nil {
		t.Fatal(err)
	}
	server.Pause()
	begun := time.Now()
	var calls []<-chan error
	for i := range 100 {
		calls = append(calls, begin(c, &putOperation, item{Key: fmt.Sprint(i)}))
	}
	for _, call := range calls {
		expect(t, <-call, "no_answer: context deadline exceeded, retryable false")
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Error(took)
	}
	server.Resume()
	eventually(t, "calls work again", func() bool {
		_, err := c.call(context.Background(), &putOperation, "w0", item{Key: fmt.Sprint("after", time.Now().UnixNano())})
		return err == nil
	})
	if twice.Load() != 0 {
		t.Error(twice.Load(), "executed twice")
	}
}

const permissions = `
authorization {
  users = [
    {user: all, password: secret}
    {user: me, password: secret, permissions: {
      publish: {deny: ["acme.cmd.denied.>"]}, subscribe: {allow: ["_INBOX_me.>", "acme.>"], deny: ["acme.cmd.hidden.>"]}}}
  ]
}`

func connectAs(t testing.TB, server *natsserver.Server, options ...natsio.Option) *natsgen.Conn {
	t.Helper()
	conn, err := natsgen.Connect(context.Background(), server.URL, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func TestPermissionsEndCallsAndSubscriptionsAtOnce(t *testing.T) {
	server := natsserver.Start(t, permissions)
	admin := connectAs(t, server, natsio.UserInfo("all", "secret"))
	serve(t, admin, "w0", nil)
	serve(t, admin, "denied", nil)
	me := connectAs(t, server, natsio.UserInfo("me", "secret"), natsio.CustomInboxPrefix("_INBOX_me"))
	c := newClient(me)
	if _, err := c.call(context.Background(), &getOperation, "w0", item{}); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	var calls []<-chan error
	for range 20 {
		done := make(chan error, 1)
		go func() {
			_, err := c.call(context.Background(), &putOperation, "denied", item{})
			done <- err
		}()
		calls = append(calls, done)
	}
	for _, call := range calls {
		if got := describe(<-call); got != "not_sent: the server's permissions forbid it, retryable false" &&
			!strings.HasPrefix(got, "no_answer: the server's permissions forbid some requests") {
			t.Error(got)
		}
	}
	_, err := c.call(context.Background(), &putOperation, "denied", item{})
	expect(t, err, "not_sent: the server's permissions forbid it, retryable false")
	if took := time.Since(begun); took > 3*time.Second {
		t.Error(took)
	}
	router := natsgen.NewRouter("acme")
	router.Listen("cmd.{node}.>", "", "node", "hidden")
	if _, err := router.Serve(context.Background(), me); !errors.Is(err, natsgen.ErrDenied) {
		t.Error(err)
	}
	// Without its inbox prefix, the user may not receive replies. Nothing is sent.
	wrong := connectAs(t, server, natsio.UserInfo("me", "secret"))
	_, err = newClient(wrong).call(context.Background(), &putOperation, "w0", item{})
	expect(t, err, "not_sent: the server's permissions forbid it, retryable false")
}

func TestSlowConsumerLosesEventsButNotTheConnection(t *testing.T) {
	server := natsserver.Start(t, "")
	receiving, sending := connect(t, server), connect(t, server)
	ctx := context.Background()
	read := func(natsgen.Tokens) int { return 0 }
	s, err := natsgen.Subscribe[item](ctx, receiving, "acme", &changedOperation, read, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	caller := natsgen.NewCaller(sending, "acme")
	const count = 70_000
	for range count {
		if err := caller.Publish(ctx, &changedOperation, &item{Text: "x"}, "w0"); err != nil {
			t.Fatal(err)
		}
	}
	if err := sending.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	eventually(t, "events are dropped", func() bool { return s.Lost() == count-65_536 })
	serve(t, receiving, "w0", nil)
	if _, err := newClient(sending).call(ctx, &getOperation, "w0", item{}); err != nil {
		t.Error(err)
	}
	if _, err := s.Next(ctx); err != nil {
		t.Error(err)
	}
}

func TestPublishWhileDisconnectedIsRefused(t *testing.T) {
	server := natsserver.Start(t, "")
	conn := connect(t, server)
	var kinds [8]atomic.Int32
	conn.Notify(func(e transport.Event) { kinds[e.Kind].Add(1) })
	server.Kill()
	eventually(t, "the loss is reported", func() bool { return kinds[transport.Disconnected].Load() == 1 })
	err := natsgen.NewCaller(conn, "acme").Publish(context.Background(), &changedOperation, &item{}, "w0")
	expect(t, err, "not_sent: not connected, retryable true")
	server.Restart()
	eventually(t, "the connection is back", func() bool { return kinds[transport.Connected].Load() == 1 && conn.IsConnected() })
	conn.Close()
	eventually(t, "the end is reported", func() bool { return kinds[transport.Closed].Load() == 1 })
}

func TestCredentialsAreUsed(t *testing.T) {
	const seed, public = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY", "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
	file := filepath.Join(t.TempDir(), "seed")
	if err := os.WriteFile(file, []byte(seed), 0o600); err != nil {
		t.Fatal(err)
	}
	nkey, err := natsio.NkeyOptionFromSeed(file)
	if err != nil {
		t.Fatal(err)
	}
	for config, option := range map[string]natsio.Option{
		`authorization {user: u, password: p}`:              natsio.UserInfo("u", "p"),
		`authorization {token: "t"}`:                        natsio.Token("t"),
		`authorization {users: [{nkey: "` + public + `"}]}`: nkey,
	} {
		server := natsserver.Start(t, config)
		conn := connectAs(t, server, option)
		serve(t, conn, "w0", nil)
		if _, err := newClient(conn).call(context.Background(), &getOperation, "w0", item{}); err != nil {
			t.Error(config, err)
		}
		begun := time.Now()
		if _, err := natsgen.Connect(context.Background(), server.URL); err == nil || time.Since(begun) > time.Second {
			t.Error(config, err, time.Since(begun))
		}
	}
}

func TestConnectFailsWithoutServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	// A peer that accepts the connection but does not speak NATS.
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := natsgen.Connect(ctx, "nats://"+address); err == nil || time.Since(begun) > 2*time.Second {
		t.Error(err, time.Since(begun))
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := natsgen.Connect(context.Background(), "nats://"+address); err == nil {
		t.Error("connected to nobody")
	}
}

func TestTLSAndCredentialsFileAreUsed(t *testing.T) {
	directory := t.TempDir()
	certificate, key := filepath.Join(directory, "cert.pem"), filepath.Join(directory, "key.pem")
	writeCertificate(t, certificate, key)
	config, credentials, wrong := decentralized(t, directory)
	config += fmt.Sprintf("\ntls {cert_file: %q, key_file: %q}\n", certificate, key)
	server := natsserver.Start(t, config)
	conn := connectAs(t, server, natsio.RootCAs(certificate), natsio.UserCredentials(credentials))
	serve(t, conn, "w0", nil)
	if _, err := newClient(conn).call(context.Background(), &getOperation, "w0", item{}); err != nil {
		t.Error(err)
	}
	if _, err := natsgen.Connect(context.Background(), server.URL, natsio.UserCredentials(credentials)); err == nil {
		t.Error("connected without the certificate of the authority")
	}
	if _, err := natsgen.Connect(context.Background(), server.URL, natsio.RootCAs(certificate)); err == nil {
		t.Error("connected without credentials")
	}
	for _, file := range wrong {
		if _, err := natsgen.Connect(context.Background(), server.URL, natsio.RootCAs(certificate), natsio.UserCredentials(file)); err == nil {
			t.Error("connected with ", file)
		}
	}
}

// writeCertificate writes a certificate for 127.0.0.1 that signs itself.
func writeCertificate(t *testing.T, certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, &template, &template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		certificate: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "PRIVATE KEY", Bytes: encoded},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// decentralized returns the configuration of a server with an operator, the credentials file of a user, and wrong files.
func decentralized(t *testing.T, directory string) (config, credentials string, wrong []string) {
	t.Helper()
	pair := func(create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
		keys, err := create()
		if err != nil {
			t.Fatal(err)
		}
		public, err := keys.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		return keys, public
	}
	operator, operatorID := pair(nkeys.CreateOperator)
	account, accountID := pair(nkeys.CreateAccount)
	user, userID := pair(nkeys.CreateUser)
	other, _ := pair(nkeys.CreateUser)
	stranger, strangerID := pair(nkeys.CreateAccount)
	encode := base64.RawURLEncoding.EncodeToString
	token := func(signer nkeys.KeyPair, issuer, subject, content string) string {
		body := fmt.Sprintf(`{"jti":"x","iat":%d,"iss":%q,"name":"x","sub":%q,"nats":%s}`, time.Now().Unix(), issuer, subject, content)
		text := encode([]byte(`{"typ":"JWT","alg":"ed25519-nkey"}`)) + "." + encode([]byte(body))
		signature, err := signer.Sign([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + encode(signature)
	}
	limits := `"subs":-1,"data":-1,"payload":-1`
	operatorToken := token(operator, operatorID, operatorID, `{"type":"operator","version":2}`)
	accountToken := token(operator, operatorID, accountID,
		`{"type":"account","version":2,"limits":{`+limits+`,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1}}`)
	claims := `{"type":"user","version":2,` + limits + `}`
	write := func(name, userToken string, keys nkeys.KeyPair) string {
		seed, err := keys.Seed()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(directory, name+".creds")
		file := "-----BEGIN NATS USER JWT-----\n" + userToken + "\n------END NATS USER JWT------\n" +
			"-----BEGIN USER NKEY SEED-----\n" + string(seed) + "\n------END USER NKEY SEED------\n"
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	userToken := token(account, accountID, userID, claims)
	credentials = write("user", userToken, user)
	wrong = []string{
		write("seed_of_another_user", userToken, other),
		write("token_of_another_account", token(stranger, strangerID, userID, claims), user),
	}
	config = fmt.Sprintf("operator: %s\nresolver: MEMORY\nresolver_preload: {%s: %s}\n", operatorToken, accountID, accountToken)
	return config, credentials, wrong
}

func TestRestartsExecuteNothingTwiceAndLoseNoReply(t *testing.T) {
	server := natsserver.Start(t, "")
	serving, calling := connect(t, server), connect(t, server)
	var executed sync.Map
	var twice atomic.Int32
	serve(t, serving, "w0", func(_ context.Context, i item) (item, error) {
		if _, ok := executed.LoadOrStore(i.Key, true); ok {
			twice.Add(1)
		}
		time.Sleep(time.Millisecond)
		return i, nil
	}, natsgen.Deduplicate(100_000, 1<<20, time.Minute))
	c := newClient(calling, natsgen.Retries(1000), natsgen.RetryDeduplicated(), natsgen.Timeout(20*time.Second),
		natsgen.AttemptTimeout(2*time.Second), natsgen.RetryPauses(10*time.Millisecond, 50*time.Millisecond))
	stop := make(chan struct{})
	var all sync.WaitGroup
	var answered atomic.Int32
	for caller := range 16 {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprint(caller, "-", i)
				if _, err := c.call(context.Background(), &putOperation, "w0", item{Key: key}); err != nil {
					t.Error(err)
					return
				}
				if _, ok := executed.Load(key); !ok {
					t.Error(key, "was answered but not executed")
				}
				answered.Add(1)
			}
		})
	}
	for range 3 {
		time.Sleep(200 * time.Millisecond)
		server.Restart()
		before := answered.Load()
		eventually(t, "calls work again", func() bool { return answered.Load() > before+16 })
	}
	close(stop)
	all.Wait()
	if twice.Load() != 0 || answered.Load() == 0 {
		t.Error(twice.Load(), "executed twice of", answered.Load())
	}
}
