// The few things that a browser does better than the node: the theme before the first paint, the clipboard, shortcuts,
// a download, and coming back after the node was away.
(() => {
  'use strict';
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem('raftkv-theme'); } catch { return null; } };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => root.setAttribute('data-theme', stored() || (dark.matches ? 'dark' : 'light'));
  apply();
  dark.addEventListener('change', apply);

  const copy = async text => {
    if (navigator.clipboard && isSecureContext) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* the old way below */ }
    }
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'off-screen';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  };

  const download = (name, text) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  window.raftkv = {
    toggleTheme: () => {
      const next = root.getAttribute('data-theme') === 'dark' ? 'light' : 'dark';
      try { localStorage.setItem('raftkv-theme', next); } catch { /* for this page only */ }
      root.setAttribute('data-theme', next);
    },
    copy,
    download,
  };

  // g, then a letter: to a page. "/": to the page's search.
  const pages = { c: '', k: 'keys', l: 'live', o: 'locks', m: 'metrics', g: 'log', s: 'lessons', p: 'playground', a: 'advice' };
  let pending = 0;
  document.addEventListener('keydown', event => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) {
      return;
    }
    if (event.key === '/') {
      const search = document.querySelector('[data-search]');
      if (search) { event.preventDefault(); search.focus(); }
    } else if (event.key === 'g') {
      pending = Date.now();
    } else if (event.key in pages && Date.now() - pending < 1200) {
      pending = 0;
      document.querySelector(`.side a.nav-link[href="${pages[event.key]}"]`)?.click();
    }
  });

  // After a restart the node knows nothing of this page: load it anew as soon as it is served again.
  const comeBack = async () => {
    for (;;) {
      try {
        const answer = await fetch('', { cache: 'no-store' });
        if (answer.ok) { location.reload(); return; }
      } catch { /* not yet */ }
      await new Promise(done => setTimeout(done, 1500));
    }
  };
  let isComing = false;
  new MutationObserver(() => {
    const modal = document.getElementById('components-reconnect-modal');
    if (!isComing && modal && /components-reconnect-(failed|rejected)/.test(modal.className)) {
      isComing = true;
      comeBack();
    }
  }).observe(root, { attributes: true, subtree: true, attributeFilter: ['class'] });
})();
