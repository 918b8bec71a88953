// Before the first paint: the remembered theme, or the one the system prefers.
(() => {
  const prefersLight = matchMedia('(prefers-color-scheme: light)');
  const remembered = () => {
    try {
      return localStorage.getItem('logpipeline.theme');
    } catch {
      return null;
    }
  };
  const apply = () => {
    document.documentElement.dataset.theme = remembered() ?? (prefersLight.matches ? 'light' : 'dark');
  };
  apply();
  prefersLight.addEventListener('change', () => {
    apply();
    document.dispatchEvent(new CustomEvent('themechange'));
  });
})();
