/**
 * The script of every page. Each page works without it; it makes the recorder
 * save by itself, answers the phone call item by item, warns before words are
 * lost and before signing out.
 */
import {
  Accordion,
  Button,
  CharacterCount,
  Checkboxes,
  createAll,
  ErrorSummary,
  FileUpload,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  Tabs,
} from "govuk-frontend";
import { AddAnother } from "@ministryofjustice/frontend/moj/components/add-another/add-another.mjs";
import { startAgain, startSelect } from "./again";
import { startCall } from "./call";
import { startIdle } from "./idle";
import { startRecorder } from "./recorder";
import { startRows } from "./rows";
import { startUnsaved } from "./unsaved";

// Set here and not by an inline script, which the content security policy forbids.
// A browser that runs modules supports all that the components need.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

startRows();

for (const component of [
  Accordion,
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  FileUpload,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  Tabs,
  AddAnother,
]) {
  createAll(component);
}

startUnsaved();
startAgain();
startSelect();
startRecorder();
startIdle();
startCall((part) => {
  createAll(Button, {}, part);
});
