/* A message for this desk or this unit has come: said where it is read, until it is. */
const said = document.getElementById("letters");
document.getElementById("live")?.addEventListener("letter", () => { if (said) said.hidden = false; });
