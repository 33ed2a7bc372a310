/** Every text of the Train view, in one place so that it can be translated. */
export const trainTexts = {
  /** Why something could not be kept or read, and what to do about it. */
  store: {
    quota:
      'There is no room left for this, so it was not saved. Delete a project or kept audio, or free space on the disk, and try again.',
    failed: 'The browser could not reach what it keeps for this page, so nothing was changed. Reload the page and try again.',
    closed: 'This tab has lost its hold on the saved projects, as when another tab opens a newer version of the page. Reload the page to go on.',
    missing: 'This has been deleted, perhaps in another tab, so it was not saved. Reload the page to see what there is.',
  },
};
