// Starts Blazor and keeps the page alive: while the host is away its data stays, and the page comes back by itself.
// A circuit that the host still knows is taken up again; after a restart the page is loaded anew, and its URL holds all its state.
(() => {
  const bar = document.getElementById('connection');
  const root = document.documentElement;
  const beat = 1000;
  let lostAt = 0;
  let trying = false;

  function show(right) {
    const age = Math.max(0, Math.round((Date.now() - lostAt) / 1000));
    bar.hidden = false;
    if (!bar.firstChild) {
      bar.innerHTML = '<svg width="12" height="12" viewBox="0 0 10 10" aria-hidden="true"><path d="M5 1.4A3.6 3.6 0 1 0 8.6 5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/></svg><b></b><span></span><span class="next" aria-hidden="true"></span>';
      bar.children[1].textContent = 'Connection to the host lost.';
    }

    bar.children[2].textContent = `Shown data is ${age} s old.`;
    bar.children[3].textContent = right;
  }

  async function ready() {
    try {
      const answer = await fetch('/health/ready', { cache: 'no-store', signal: AbortSignal.timeout(3000) });
      return answer.ok || answer.status === 404;
    } catch {
      return false;
    }
  }

  async function reload() {
    // Never leave a page that shows data for the browser's error page.
    try {
      const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
      if (answer.ok || answer.status === 404) {
        location.reload();
        return true;
      }
    } catch {
      // The host went away again.
    }

    return false;
  }

  async function recover() {
    if (trying) {
      return;
    }

    trying = true;
    lostAt = Date.now();
    root.classList.add('lost');
    for (let attempt = 0; trying; attempt++) {
      show('trying now');
      if (await ready()) {
        let back;
        try {
          back = await Blazor.reconnect();
        } catch {
          back = undefined;
        }

        if (back === true) {
          break;
        }

        if (back === false && await reload()) {
          return;
        }
      }

      const wait = attempt < 60 ? 1 : 3;
      for (let left = wait; left > 0 && trying; left--) {
        show(`trying again in ${left} s`);
        await new Promise(done => setTimeout(done, beat));
      }
    }

    found();
  }

  function found() {
    trying = false;
    bar.hidden = true;
    root.classList.remove('lost');
  }

  function fault() {
    // The circuit ended by a fault of ours: the URL holds the state, so load the page anew, but not in a circle.
    const now = Date.now();
    const recent = JSON.parse(sessionStorage.getItem('logpipeline.faults') ?? '[]').filter(at => now - at < 60_000);
    lostAt = now;
    if (recent.length >= 3) {
      show('');
      bar.children[1].textContent = 'This page failed several times. The reason is in the host\'s log.';
      bar.children[2].innerHTML = '<a href="">Load it again</a>';
      return;
    }

    sessionStorage.setItem('logpipeline.faults', JSON.stringify([...recent, now]));
    setTimeout(reload, 500);
  }

  Blazor.start({
    circuit: {
      reconnectionHandler: { onConnectionDown: recover, onConnectionUp: found },
      configureSignalR: builder => builder.withServerTimeout(15_000).withKeepAliveInterval(5_000),
    },
  });

  const errors = document.createElement('div');
  errors.id = 'blazor-error-ui';
  errors.style.display = 'none';
  document.body.append(errors);
  new MutationObserver(() => {
    if (errors.style.display === 'block' && !trying) {
      fault();
    }
  }).observe(errors, { attributes: true, attributeFilter: ['style'] });
})();
