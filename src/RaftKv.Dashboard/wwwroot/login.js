// Signs in: the API gives a token for name and password, and the dashboard keeps it in a cookie that scripts can't read.
// Nothing of it is stored here.
(() => {
  'use strict';
  const field = id => document.getElementById(id);
  const complaint = field('complaint');
  const say = text => { complaint.textContent = text; complaint.hidden = !text; };
  const sentence = async answer => {
    const text = await answer.text();
    try { const said = JSON.parse(text); return said.detail || said.title || text; } catch { return text || `The node answered ${answer.status}.`; }
  };
  const post = (url, body, credentials) => fetch(url, { method: 'POST', credentials, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

  if (new URLSearchParams(location.search).get('why') === 'denied') {
    say('You are known, but may not open the dashboard: that needs the right “dashboard”.');
  }

  field('sign-in').addEventListener('submit', async event => {
    event.preventDefault();
    const button = event.target.querySelector('button[type=submit]');
    button.disabled = true;
    say('');
    try {
      let token = field('token').value.trim();
      if (!token) {
        // Without credentials: else the browser would meet a 401 with a window of its own.
        const login = await post('/api/v1/auth/login', { user: field('user').value, password: field('password').value }, 'omit');
        if (!login.ok) { say(await sentence(login)); return; }
        token = (await login.json()).token;
      }
      const entered = await post('login', { token }, 'same-origin');
      if (!entered.ok) { say(await sentence(entered)); return; }
      field('password').value = field('token').value = '';
      location.replace('./');
    } catch {
      say('The node does not answer.');
    } finally {
      button.disabled = false;
    }
  });
  field('user').focus();
})();
